#include "emulator/s3/post_policy.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/s3/errors_post.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace benchtop::s3 {
namespace {

namespace json = boost::json;

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

AwsError invalid_json() {
    return invalid_policy_document("Invalid JSON.");
}

// S3's reader knows strings and whole numbers only.
Result<void> check_scalars(const json::value& value) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (auto ok = check_scalars(member.value()); !ok) {
                return ok.error();
            }
        }
        return {};
    }
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            if (auto ok = check_scalars(item); !ok) {
                return ok.error();
            }
        }
        return {};
    }
    if (value.is_int64() && value.get_int64() < 0) {
        return invalid_policy_document("Token - must be enclosed in quotes.");
    }
    return value.is_string() || (value.is_number() && !value.is_double()) ? Result<void>{}
                                                                          : invalid_json();
}

// The texts of the items of the array that is the value of `name` in the outermost object. `text`
// is known to be JSON.
std::vector<std::string_view> item_texts(std::string_view text, std::string_view name) {
    std::vector<std::string_view> items;
    std::string_view last_string; // at depth 1: the name of the member that follows
    bool inside = false;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            const std::size_t from = i + 1;
            for (++i; text[i] != '"'; ++i) {
                i += text[i] == '\\' ? 1 : 0;
            }
            if (depth == 1) {
                last_string = text.substr(from, i - from);
            }
        } else if (c == '{' || c == '[') {
            ++depth;
            if (depth == 2) {
                inside = c == '[' && last_string == name;
                items.clear();
            } else if (depth == 3 && inside) {
                begin = i;
            }
        } else if (c == '}' || c == ']') {
            --depth;
            if (depth == 2 && inside) {
                items.push_back(text.substr(begin, i + 1 - begin));
            } else if (depth == 1 && inside) {
                return items;
            }
        }
    }
    return items;
}

Result<std::string> decode_policy(std::string_view encoded) {
    encoded = trim(encoded);
    if (encoded.empty()) {
        return invalid_policy_document("Expecting '{' but found End-of-Input");
    }
    std::string padded(encoded);
    padded.append((4 - padded.size() % 4) % 4, '=');
    auto text = from_base64(padded);
    if (!text) {
        return invalid_policy_document("invalid Base64 encoding.");
    }
    return *std::move(text);
}

// "2026-02-21T00:17:57Z", with milliseconds or without; another zone is refused (recorded).
Result<UtcInstant> parse_expiration(const json::value& value) {
    const auto* text = value.if_string();
    if (text == nullptr) {
        return invalid_json();
    }
    const auto instant = parse_iso8601(view(*text));
    if (!instant) {
        return invalid_policy_document(
            "Invalid 'expiration' value: '" + std::string(view(*text)) + "'"
        );
    }
    return *instant;
}

Result<PostCondition> parse_simple(const json::object& object) {
    if (object.size() != 1) {
        return invalid_policy_document("Invalid Simple-Condition: Simple-Conditions must have "
                                       "exactly one property specified.");
    }
    const auto& member = *object.begin();
    const auto* value = member.value().if_string();
    if (value == nullptr) {
        return invalid_policy_document("Invalid Simple-Condition: value must be a string.");
    }
    PostCondition condition;
    condition.field = to_lower(view(member.key()));
    condition.value = view(*value);
    condition.text = "[\"eq\", " + protocol::json_quote("$" + std::string(view(member.key()))) +
                     ", " + protocol::json_quote(condition.value) + "]";
    return condition;
}

std::optional<std::uint64_t> bound(const json::value& value) {
    if (const auto* text = value.if_string()) {
        return parse_u64(view(*text));
    }
    return value.is_number() ? std::optional<std::uint64_t>(value.to_number<std::uint64_t>())
                             : std::nullopt;
}

Result<void> parse_range(const json::array& items, std::string_view text, PostPolicy& policy) {
    const auto least = bound(items[1]);
    const auto most = bound(items[2]);
    if (!least || !most) {
        return post_condition_failed(text);
    }
    policy.size = {std::max(policy.size.least, *least), std::min(policy.size.most, *most)};
    return {};
}

Result<void> parse_listed(const json::array& items, std::string_view text, PostPolicy& policy) {
    const auto* operation = items.empty() ? nullptr : items[0].if_string();
    if (operation == nullptr) {
        return invalid_policy_document("Invalid Condition: missing operation identifier.");
    }
    const std::string name = to_lower(view(*operation));
    constexpr std::array<std::string_view, 3> kOperations{
        "eq", "starts-with", "content-length-range"};
    if (std::ranges::find(kOperations, name) == kOperations.end()) {
        return invalid_policy_document(
            "Invalid Condition: unknown operation '" + std::string(view(*operation)) + "'."
        );
    }
    if (items.size() != 3) {
        return invalid_policy_document("Invalid " + name + ": wrong number of arguments.");
    }
    if (name == "content-length-range") {
        return parse_range(items, text, policy);
    }
    const auto* field = items[1].if_string();
    const auto* value = items[2].if_string();
    if (field == nullptr || value == nullptr) {
        return invalid_json();
    }
    PostCondition condition;
    condition.kind = name == "eq" ? PostCondition::Kind::Equals : PostCondition::Kind::StartsWith;
    if (field->starts_with('$')) {
        condition.field = to_lower(view(*field).substr(1));
    }
    condition.value = view(*value);
    condition.text = text;
    policy.conditions.push_back(std::move(condition));
    return {};
}

Result<void> parse_condition(const json::value& value, std::string_view text, PostPolicy& policy) {
    if (const auto* array = value.if_array()) {
        return parse_listed(*array, text, policy);
    }
    if (const auto* object = value.if_object()) {
        auto condition = parse_simple(*object);
        if (!condition) {
            return condition.error();
        }
        policy.conditions.push_back(*std::move(condition));
        return {};
    }
    return invalid_policy_document("Invalid condition test: must be a List or Object.");
}

Result<void> parse_conditions(const json::value& value, std::string_view text, PostPolicy& policy) {
    const auto* conditions = value.if_array();
    if (conditions == nullptr) {
        return invalid_policy_document("Invalid 'conditions' value: must be a List.");
    }
    const auto texts = item_texts(text, "conditions");
    auto next = texts.begin();
    for (const json::value& condition : *conditions) {
        const bool has_text = condition.is_structured() && next != texts.end();
        const std::string_view own = has_text ? *next++ : std::string_view{};
        if (auto ok = parse_condition(condition, own, policy); !ok) {
            return ok.error();
        }
    }
    return {};
}

// Every entry of a list of content types has to begin so ("POST policy", on Content-Type).
bool starts_with(const PostCondition& condition, std::string_view value) {
    if (condition.field != "content-type") {
        return value.starts_with(condition.value);
    }
    while (true) {
        const auto comma = value.find(',');
        if (!trim(value.substr(0, comma)).starts_with(condition.value)) {
            return false;
        }
        if (comma == std::string_view::npos) {
            return true;
        }
        value.remove_prefix(comma + 1);
    }
}

bool holds(const PostCondition& condition, const FieldLookup& field) {
    const auto value =
        condition.field.empty() ? std::optional<std::string_view>() : field(condition.field);
    if (!value) {
        return false; // even where the empty text would do (quoted from S3)
    }
    return condition.kind == PostCondition::Kind::Equals ? *value == condition.value
                                                         : starts_with(condition, *value);
}

bool needs_no_condition(std::string_view lower_name) {
    constexpr std::array<std::string_view, 5> kExempt{
        "x-amz-signature", "signature", "awsaccesskeyid", "file", "policy"};
    return std::ranges::find(kExempt, lower_name) != kExempt.end() ||
           lower_name.starts_with("x-ignore-");
}

bool is_covered(const PostPolicy& policy, std::string_view lower_name) {
    return std::ranges::any_of(policy.conditions, [&](const PostCondition& condition) {
        return condition.field == lower_name;
    });
}

} // namespace

Result<PostPolicy> parse_post_policy(std::string_view encoded) {
    const auto text = decode_policy(encoded);
    if (!text) {
        return text.error();
    }
    boost::system::error_code failed;
    const json::value document = json::parse(*text, failed);
    const auto* object = failed ? nullptr : document.if_object();
    if (object == nullptr) {
        return invalid_json();
    }
    for (const auto& member : *object) {
        if (member.key() != "expiration" && member.key() != "conditions") {
            return invalid_policy_document("Unexpected: '" + to_lower(view(member.key())) + "'");
        }
    }
    const auto* expiration = object->if_contains("expiration");
    const auto* conditions = object->if_contains("conditions");
    if (expiration == nullptr) {
        return invalid_policy_document("Policy missing expiration.");
    }
    if (conditions == nullptr) {
        return invalid_policy_document("Policy missing conditions.");
    }
    if (auto ok = check_scalars(document); !ok) {
        return ok.error();
    }
    PostPolicy policy;
    const auto instant = parse_expiration(*expiration);
    if (!instant) {
        return instant.error();
    }
    policy.expiration = *instant;
    if (auto ok = parse_conditions(*conditions, *text, policy); !ok) {
        return ok.error();
    }
    return policy;
}

Result<void> check_post_conditions(
    const PostPolicy& policy, const FieldLookup& field, const std::vector<std::string>& sent
) {
    for (const PostCondition& condition : policy.conditions) {
        if (!holds(condition, field)) {
            return post_condition_failed(condition.text);
        }
    }
    for (const std::string& name : sent) {
        const std::string lower = to_lower(name);
        if (!needs_no_condition(lower) && !is_covered(policy, lower)) {
            return post_extra_field(name);
        }
    }
    return is_covered(policy, "bucket") ? Result<void>{} : post_extra_field("bucket");
}

} // namespace benchtop::s3
