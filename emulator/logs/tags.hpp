// Tags of log groups.
#pragma once

#include "emulator/logs/checks.hpp"
#include "emulator/logs/model.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/service/operation.hpp"

namespace benchtop::logs {

inline constexpr std::size_t kTagsMax = 50;

using Tags = std::vector<std::pair<std::string, std::string>>;

// The map `member`, by key; what breaks the model's constraints is noted in `checks`.
Result<Tags> read_tags(const protocol::JsonInput& json, std::string_view member, Checks& checks);

// The caller may give a new group its tags (logs:TagResource).
bool may_tag(const service::Call& call, const Group& group);

} // namespace benchtop::logs
