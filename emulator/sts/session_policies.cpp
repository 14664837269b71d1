#include "emulator/sts/session_policies.hpp"

#include "emulator/iam/identity_policies.hpp"

#include <boost/json.hpp>

namespace benchtop::sts {

namespace json = boost::json;

std::string session_policy_text(const std::vector<SessionPolicy>& policies) {
    if (policies.empty()) {
        return {};
    }
    json::array list;
    for (const SessionPolicy& policy : policies) {
        list.push_back(json::object{
            {"name", policy.name}, {"arn", policy.arn}, {"document", policy.document}});
    }
    return json::serialize(list);
}

std::vector<policy::NamedPolicy> session_policies(const store::AccessKey& key) {
    std::vector<policy::NamedPolicy> set;
    if (key.session_policy.starts_with('{')) {
        // A document of its own: what a data directory of an earlier version holds.
        iam::add_policy(set, key.session_policy, "session policy of " + key.session_name, "");
        return set;
    }
    const json::value parsed = json::parse(key.session_policy);
    for (const json::value& item : parsed.as_array()) {
        const auto text = [&item](std::string_view name) {
            return std::string(item.at(name).as_string());
        };
        iam::add_policy(set, text("document"), text("name"), text("arn"));
    }
    return set;
}

} // namespace benchtop::sts
