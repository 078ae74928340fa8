#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kafkascope::report {

/// A permission that a collector uses: a row of the table in docs/security.md.
struct Permission {
  std::string_view name;        ///< As in Kafka's documentation: DESCRIBE
  std::string_view on;          ///< topics, groups, cluster or transactional IDs
  std::string_view collectors;  ///< Names separated by spaces.
  std::string_view arguments;   ///< Of kafka-acls: --operation Describe --topic '*'
};

/// Returns all permissions in the order of the documentation.
std::span<const Permission> permissions();

/// Returns the permission that the text of a failure asks for, as in "grant DESCRIBE on the topics"; null: none.
const Permission* requested_permission(std::string_view text);

/// Returns the command that grants the permission. `server`: a bootstrap server; `user`: the name in the principal,
/// empty: unknown.
std::string grant_command(const Permission& permission, std::string_view server, std::string_view user);

}  // namespace kafkascope::report
