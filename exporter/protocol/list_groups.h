#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kListGroups{16, "ListGroups", 3, 5, 3};

/// Asks a broker for all groups that it coordinates, of every type and in every state.
std::string encode_list_groups(int16_t version);

/// Views into the answer.
struct ListedGroup {
  std::string_view id;
  std::string_view protocol_type;  // "consumer", "connect", "share", …; empty for a group without a protocol
  std::string_view state;          // empty before version 4
  std::string_view type;           // "classic", "consumer", "share", "streams"; empty before version 5
};

struct ListGroupsAnswer {
  int16_t error;
  std::vector<ListedGroup> groups;
};

ListGroupsAnswer decode_list_groups(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
