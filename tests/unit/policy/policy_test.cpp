// The policy engine against fixtures/policy: each case is (who, what, policies) and the decision,
// its source, a part of its reason and AWS's sentence.
#include "emulator/policy/evaluate.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <map>

using namespace benchtop;
using namespace benchtop::policy;
using Catch::Generators::as;
namespace json = boost::json;

namespace {

json::object fixture(const std::string& name) {
    std::ifstream file(std::string(BENCHTOP_FIXTURES "/policy/") + name + ".json");
    REQUIRE(file.good());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return json::parse(text).as_object();
}

std::string text_of(const json::value& value) {
    return std::string(value.as_string().data(), value.as_string().size());
}

std::string member(const json::object& object, const char* name, std::string otherwise = "") {
    const auto* value = object.if_contains(name);
    return value != nullptr ? text_of(*value) : otherwise;
}

const Principal& principal_named(const std::string& name) {
    using Kind = Principal::Kind;
    const auto role = [](const std::string& role_name, const std::string& session) {
        return Principal{
            Kind::AssumedRole,
            "111122223333",
            "arn:aws:sts::111122223333:assumed-role/" + role_name + "/" + session,
            "arn:aws:iam::111122223333:role/" + role_name,
            "AROAEXAMPLEEXAMPLE234:" + session,
            "",
            ""};
    };
    const auto user = [](const std::string& account, const std::string& user_name) {
        return Principal{
            Kind::User,
            account,
            "arn:aws:iam::" + account + ":user/" + user_name,
            "",
            "AIDAEXAMPLEEXAMPLE234",
            user_name,
            ""};
    };
    const auto service = [](const std::string& label) {
        return Principal{Kind::Service, "", "", "", "", "", label + ".amazonaws.com"};
    };
    static const std::map<std::string, Principal> cast = {
        {"anonymous", Principal{}},
        {"root",
         {Kind::Root,
          "111122223333",
          "arn:aws:iam::111122223333:root",
          "",
          "111122223333",
          "",
          ""}},
        {"aj", user("111122223333", "aj")},
        {"stranger", user("444455556666", "bo")},
        {"web", role("lambda-web-presign-role", "web-presign-lambda")},
        {"worker", role("lambda-worker-role", "worker-move-lambda")},
        {"lambda", service("lambda")},
        {"s3", service("s3")},
        {"apigateway", service("apigateway")},
    };
    return cast.at(name);
}

// Policies are named in the file's table or written out in place.
NamedPolicy
named(const json::value& value, const json::object& table, PolicyKind kind, std::size_t number) {
    NamedPolicy out;
    const bool by_name = value.is_string();
    out.name = "policy " + (by_name ? text_of(value) : std::to_string(number));
    const auto& document = by_name ? table.at(value.as_string()) : value;
    auto parsed = parse_policy(json::serialize(document), kind);
    REQUIRE(parsed.has_value());
    out.policy = std::make_shared<const Policy>(*std::move(parsed));
    return out;
}

std::vector<NamedPolicy>
named_list(const json::object& c, const char* member_name, const json::object& table) {
    std::vector<NamedPolicy> out;
    if (const auto* list = c.if_contains(member_name)) {
        for (const auto& item : list->as_array()) {
            out.push_back(named(item, table, PolicyKind::Identity, out.size() + 1));
        }
    }
    return out;
}

PolicySet policies_of(const json::object& c, const json::object& table) {
    PolicySet set;
    set.identity = named_list(c, "identity", table);
    for (auto& policy : set.identity) {
        policy.arn = member(c, "managed_arn");
    }
    if (c.contains("boundary")) {
        set.boundary = named_list(c, "boundary", table);
    }
    if (c.contains("session")) {
        set.session = named_list(c, "session", table);
    }
    if (const auto* resource = c.if_contains("resource_policy")) {
        set.resource = named(*resource, table, PolicyKind::Resource, 1);
    }
    if (const auto* trust = c.if_contains("trust")) {
        set.resource = named(*trust, table, PolicyKind::Trust, 1);
    }
    return set;
}

ConditionContext context_of(const json::object& c) {
    ConditionContext context;
    if (const auto* keys = c.if_contains("context")) {
        for (const auto& entry : keys->as_object()) {
            const std::string key(entry.key().data(), entry.key().size());
            if (entry.value().is_string()) {
                context.add(key, text_of(entry.value()));
                continue;
            }
            for (const auto& item : entry.value().as_array()) {
                context.add(key, text_of(item));
            }
        }
    }
    return context;
}

std::string word(Effect effect) {
    return effect == Effect::Allow          ? "allow"
           : effect == Effect::ImplicitDeny ? "implicit"
                                            : "explicit";
}

std::string word(Decision::Source source) {
    static const char* const words[] = {"none", "identity", "resource", "session", "boundary"};
    return words[static_cast<std::size_t>(source)];
}

Policy parsed(std::string_view text, PolicyKind kind = PolicyKind::Identity) {
    auto policy = parse_policy(text, kind);
    REQUIRE(policy.has_value());
    return *std::move(policy);
}

} // namespace

TEST_CASE("each recorded question gets its decision, reason and sentence", "[policy][evaluate]") {
    const std::string file =
        GENERATE(as<std::string>{}, "lab", "vectors", "conditions", "accounts");
    const json::object cases = fixture(file);
    const json::object& table = cases.at("policies").as_object();
    for (const auto& item : cases.at("cases").as_array()) {
        const json::object& c = item.as_object();
        INFO(file << ": " << member(c, "name"));
        const PolicySet policies = policies_of(c, table);
        const ConditionContext context = context_of(c);
        const std::string action = member(c, "action");
        const std::string resource = member(c, "resource");
        const std::string owner = member(c, "owner");
        const Request request{action, resource, owner, principal_named(member(c, "as")), context};
        const Decision decision = evaluate(request, policies);
        INFO("reason: " << decision.reason);
        CHECK(word(decision.effect) == member(c, "expect"));
        CHECK(word(decision.source) == member(c, "source", word(decision.source)));
        CHECK(decision.reason.find(member(c, "reason")) != std::string::npos);
        CHECK_FALSE(decision.reason.empty());
        CHECK(decision.deciding_policy_arn == member(c, "arn", decision.deciding_policy_arn));
        if (c.contains("message")) {
            const std::string style = member(c, "style", "s3");
            const auto wanted = style == "s3"      ? MessageStyle::S3
                                : style == "plain" ? MessageStyle::Plain
                                                   : MessageStyle::TrustPolicy;
            CHECK(denial_message(request, decision, wanted) == member(c, "message"));
        }
    }
}

TEST_CASE("documents are accepted, or refused in AWS's words", "[policy][parse]") {
    const json::object documents = fixture("documents");
    for (const auto& item : documents.at("documents").as_array()) {
        const json::object& d = item.as_object();
        INFO(member(d, "name"));
        const std::string text =
            d.contains("text") ? member(d, "text") : json::serialize(d.at("document"));
        const std::string kind = member(d, "kind");
        const bool s3 = member(d, "flavour") == "s3";
        const auto result = parse_policy(
            text,
            kind == "identity" ? PolicyKind::Identity
            : kind == "trust"  ? PolicyKind::Trust
                               : PolicyKind::Resource,
            s3 ? PolicyFlavour::S3 : PolicyFlavour::Iam
        );
        CHECK(result.has_value() != d.contains("message"));
        if (!result) {
            CHECK(result.error().status() == 400);
            CHECK(result.error().code() == (s3 ? "MalformedPolicy" : "MalformedPolicyDocument"));
            CHECK(result.error().message() == member(d, "message"));
        }
    }
}

TEST_CASE("oversized and deeply nested documents are refused", "[policy][parse]") {
    const std::string head = R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
    CHECK(parse_policy(head, PolicyKind::Identity).has_value());
    CHECK_FALSE(
        parse_policy(head + std::string(policy_bytes_max, ' '), PolicyKind::Identity).has_value()
    );
    CHECK_FALSE(parse_policy(
                    R"({"Statement":)" + std::string(5000, '[') + std::string(5000, ']') + "}",
                    PolicyKind::Identity
    )
                    .has_value());
    std::string many = R"({"Statement":[)";
    for (int n = 0; n < 513; ++n) {
        many += n == 0 ? "" : ",";
        many += R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})";
    }
    CHECK_FALSE(parse_policy(many + "]}", PolicyKind::Identity).has_value());
}

TEST_CASE("a bucket policy stays in its bucket", "[policy][parse]") {
    const auto policy = [](std::string_view resource) {
        return parsed(
            R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":")" +
                std::string(resource) + "\"}}",
            PolicyKind::Resource
        );
    };
    CHECK(policy("arn:aws:s3:::b").check_bucket("b").has_value());
    CHECK(policy("arn:aws:s3:::b/*").check_bucket("b").has_value());
    const auto refused = policy("arn:aws:s3:::bc/*").check_bucket("b");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message() == "Policy has invalid resource");
}

TEST_CASE("a policy is public when everyone may and no condition narrows it", "[policy][public]") {
    const auto is_public = [](std::string_view effect,
                              std::string_view principal,
                              std::string_view condition) {
        return parsed(
                   R"({"Version":"2012-10-17","Statement":{"Effect":")" + std::string(effect) +
                       R"(","Action":"s3:*","Resource":"arn:aws:s3:::b","Principal":)" +
                       std::string(principal) + R"(,"Condition":)" + std::string(condition) + "}}",
                   PolicyKind::Resource
        )
            .is_public();
    };
    CHECK(is_public("Allow", R"("*")", "{}"));
    CHECK(is_public("Allow", R"({"AWS":["*"]})", "{}"));
    CHECK_FALSE(is_public("Deny", R"("*")", "{}"));
    CHECK_FALSE(is_public("Allow", R"({"AWS":"111122223333"})", "{}"));
    CHECK_FALSE(is_public("Allow", R"("*")", R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
    CHECK(is_public("Allow", R"("*")", R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})"));
    CHECK(is_public("Allow", R"("*")", R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
    CHECK(is_public("Allow", R"("*")", R"({"StringLike":{"aws:UserAgent":"curl"}})"));
}

TEST_CASE("a policy tells whom it names", "[policy][principal]") {
    const Policy policy = parsed(
        R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":{"AWS":[)"
        R"("*","111122223333","arn:aws:iam::111122223333:user/aj","AROAEXAMPLEEXAMPLE234"]}}})",
        PolicyKind::Resource
    );
    CHECK(
        policy.principal_names() ==
        std::vector<std::string_view>{"arn:aws:iam::111122223333:user/aj", "AROAEXAMPLEEXAMPLE234"}
    );
}

TEST_CASE("patterns full of stars end quickly", "[policy][pattern]") {
    const ConditionContext none;
    const Principal anonymous;
    std::string stars;
    for (int n = 0; n < 2000; ++n) {
        stars += "a*";
    }
    const Policy policy = parsed(
        R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/)" + stars +
        R"(b"}})"
    );
    const std::string resource = "arn:aws:s3:::b/" + std::string(8000, 'a');
    const Request request{"s3:GetObject", resource, "", principal_named("aj"), none};
    PolicySet set;
    set.identity.push_back({std::make_shared<const Policy>(policy), "stars", ""});
    CHECK_FALSE(evaluate(request, set).allowed());
}
