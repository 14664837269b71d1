#include "emulator/core/assert.hpp"
#include "emulator/stack/template.hpp"

namespace benchtop::stack {

Stack lab_stack(const LabNames& names) {
    TemplateInput input;
    input.account = names.account;
    input.region = names.region;
    input.parameters = {{"BucketName", names.bucket}};
    std::string text(lab_template());
    if (names.api_id != kLabApiId) { // which AWS chooses, so it is no parameter
        const std::size_t at = text.find(kLabApiId);
        BT_ASSERT(at != std::string::npos);
        text.replace(at, kLabApiId.size(), names.api_id);
    }
    auto stack = read_template(text, input);
    BT_ASSERT(stack.has_value());
    return *std::move(stack);
}

} // namespace benchtop::stack
