#include "emulator/sts/session_tags.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/protocol/constraints.hpp"

#include <algorithm>

namespace benchtop::sts {
namespace {

constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kKeyMax = 128;
constexpr std::size_t kValueMax = 256;
constexpr std::size_t kIdentityMax = 64;

AwsError invalid_value(std::string_view message) {
    return AwsError(400, "InvalidParameterValue", message);
}

bool has_key(const std::vector<std::pair<std::string, std::string>>& tags, std::string_view key) {
    return std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
        return iequals(tag.first, key);
    });
}

void check_tag(
    protocol::Constraints& constraints,
    std::size_t number,
    std::string_view key,
    std::string_view value
) {
    const std::string member = "tags." + std::to_string(number) + ".member.";
    if (key.empty()) {
        constraints.broken(
            member + "key", "''", "Member must have length greater than or equal to 1"
        );
    }
    constraints.length(member + "key", key, kKeyMax);
    constraints.length(member + "value", value, kValueMax);
}

Result<void> read_tags(const service::Call& call, SessionFacts& facts) {
    protocol::Constraints constraints;
    for (std::size_t n = 1; n <= kTagsMax + 1; ++n) {
        const std::string prefix = "Tags.member." + std::to_string(n) + ".";
        const auto key = call.parameters.find(prefix + "Key");
        if (!key) {
            break;
        }
        if (n > kTagsMax) {
            constraints.broken(
                "tags", "'[...]'", "Member must have length less than or equal to 50"
            );
            break;
        }
        const std::string_view value = call.parameters.find(prefix + "Value").value_or("");
        check_tag(constraints, n, *key, value);
        if (has_key(facts.tags, *key)) {
            return invalid_value(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            );
        }
        facts.tags.emplace_back(*key, value);
    }
    if (const std::string text = constraints.message(); !text.empty()) {
        return AwsError(400, "ValidationError", text);
    }
    return {};
}

Result<void> read_transitive_keys(const service::Call& call, SessionFacts& facts) {
    for (std::size_t n = 1; n <= kTagsMax; ++n) {
        const auto key = call.parameters.find("TransitiveTagKeys.member." + std::to_string(n));
        if (!key) {
            break;
        }
        if (!has_key(facts.tags, *key)) {
            return invalid_value(
                "The specified transitive tag key must be included in the requested tags."
            );
        }
        facts.transitive_tag_keys.emplace_back(*key);
    }
    return {};
}

Result<void> read_source_identity(const service::Call& call, SessionFacts& facts) {
    const auto given = call.parameters.find("SourceIdentity");
    if (!given) {
        return {};
    }
    protocol::Constraints constraints;
    constraints.pattern("sourceIdentity", *given, is_session_name(*given), R"([\w+=,.@-]*)");
    constraints.length("sourceIdentity", *given, kIdentityMax);
    if (given->size() < 2) {
        constraints.broken(
            "sourceIdentity",
            "'" + std::string(*given) + "'",
            "Member must have length greater than or equal to 2"
        );
    }
    if (const std::string text = constraints.message(); !text.empty()) {
        return AwsError(400, "ValidationError", text);
    }
    facts.source_identity = *given;
    return {};
}

} // namespace

bool is_session_name(std::string_view text) {
    constexpr std::string_view others = "_+=,.@-";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

Result<SessionFacts> given_facts(const service::Call& call) {
    SessionFacts facts;
    if (auto tags = read_tags(call, facts); !tags) {
        return tags.error();
    }
    if (auto keys = read_transitive_keys(call, facts); !keys) {
        return keys.error();
    }
    if (auto identity = read_source_identity(call, facts); !identity) {
        return identity.error();
    }
    return facts;
}

Result<SessionFacts> new_session_facts(const service::Call& call) {
    auto facts = given_facts(call);
    if (!facts) {
        return facts.error();
    }
    const policy::Principal& caller = call.context.caller;
    for (const std::string& key : caller.transitive_tag_keys) {
        if (has_key(facts->tags, key)) {
            return invalid_value("One of the specified transitive tag keys can't be set because it "
                                 "conflicts with a transitive tag key from the calling session.");
        }
        const auto tag = std::find_if(caller.tags.begin(), caller.tags.end(), [&](const auto& own) {
            return iequals(own.first, key);
        });
        if (tag != caller.tags.end()) {
            facts->tags.push_back(*tag);
            facts->transitive_tag_keys.push_back(key);
        }
    }
    if (!caller.source_identity.empty()) {
        if (!facts->source_identity.empty() && facts->source_identity != caller.source_identity) {
            // From memory: a source identity stays for the whole chain.
            return AwsError(
                403, "AccessDenied", "SourceIdentity cannot be changed once it is set."
            );
        }
        facts->source_identity = caller.source_identity;
    }
    return facts;
}

void add_conditions(service::AccessRequest& request, const SessionFacts& given) {
    for (const auto& [key, value] : given.tags) {
        request.conditions.emplace_back("aws:RequestTag/" + key, value);
        request.conditions.emplace_back("aws:TagKeys", key);
    }
    for (const std::string& key : given.transitive_tag_keys) {
        request.conditions.emplace_back("sts:TransitiveTagKeys", key);
    }
    if (!given.source_identity.empty()) {
        request.conditions.emplace_back("sts:SourceIdentity", given.source_identity);
    }
}

} // namespace benchtop::sts
