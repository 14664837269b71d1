#include "emulator/sts/session_policies.hpp"

#include "emulator/iam/identity_policies.hpp"

#include <boost/json.hpp>

namespace benchtop::sts {

namespace json = boost::json;

namespace {

// A document of its own, not a list: what a data directory of an earlier version holds.
bool is_one_document(const store::AccessKey& key) {
    return key.session_policy.starts_with('{');
}

std::string text(const json::value& item, std::string_view name) {
    return std::string(item.at(name).as_string());
}

bool is_policy(const json::value& item) {
    return item.as_object().contains("document");
}

json::object facts_object(const SessionFacts& facts) {
    json::object tags;
    for (const auto& [key, value] : facts.tags) {
        tags[key] = value;
    }
    json::array transitive;
    for (const std::string& key : facts.transitive_tag_keys) {
        transitive.emplace_back(key);
    }
    return {
        {"tags", std::move(tags)},
        {"transitive", std::move(transitive)},
        {"sourceIdentity", facts.source_identity}};
}

} // namespace

std::string session_text(const std::vector<SessionPolicy>& policies, const SessionFacts& facts) {
    if (policies.empty() && facts.empty()) {
        return {};
    }
    json::array list;
    for (const SessionPolicy& policy : policies) {
        list.push_back(json::object{
            {"name", policy.name}, {"arn", policy.arn}, {"document", policy.document}});
    }
    if (!facts.empty()) {
        list.push_back(facts_object(facts));
    }
    return json::serialize(list);
}

std::optional<std::vector<policy::NamedPolicy>> session_policies(const store::AccessKey& key) {
    if (key.session_policy.empty()) {
        return std::nullopt;
    }
    std::vector<policy::NamedPolicy> set;
    if (is_one_document(key)) {
        iam::add_policy(set, key.session_policy, "session policy of " + key.session_name, "");
        return set;
    }
    bool any = false;
    const json::value parsed = json::parse(key.session_policy);
    for (const json::value& item : parsed.as_array()) {
        if (is_policy(item)) {
            any = true;
            iam::add_policy(set, text(item, "document"), text(item, "name"), text(item, "arn"));
        }
    }
    return any ? std::optional(std::move(set)) : std::nullopt;
}

SessionFacts session_facts(const store::AccessKey& key) {
    SessionFacts facts;
    if (key.session_policy.empty() || is_one_document(key)) {
        return facts;
    }
    const json::value parsed = json::parse(key.session_policy);
    for (const json::value& item : parsed.as_array()) {
        if (is_policy(item)) {
            continue;
        }
        for (const auto& [name, value] : item.at("tags").as_object()) {
            facts.tags.emplace_back(name, value.as_string());
        }
        for (const json::value& name : item.at("transitive").as_array()) {
            facts.transitive_tag_keys.emplace_back(name.as_string());
        }
        facts.source_identity = text(item, "sourceIdentity");
    }
    return facts;
}

} // namespace benchtop::sts
