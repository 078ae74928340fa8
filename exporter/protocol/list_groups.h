#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kListGroups{16, "ListGroups", 3, 5, 3};

/// Encodes a ListGroups request. A broker returns the groups that it coordinates.
std::string encode_list_groups(int16_t version);

/// Refers to the bytes of the response.
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
