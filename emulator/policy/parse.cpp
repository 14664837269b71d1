// JSON text -> Policy, with the texts IAM and S3 refuse documents with.
#include "emulator/core/encoding.hpp"
#include "emulator/policy/policy.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <functional>

namespace benchtop::policy {
namespace {

namespace json = boost::json;

constexpr std::size_t statements_max = 512;

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

class Parser {
public:
    Parser(PolicyKind kind, PolicyFlavour flavour)
        : kind_(kind)
        , flavour_(flavour) {}

    Result<Policy> parse(std::string_view text);

private:
    using Texts = std::vector<std::string>;

    AwsError refuse(std::string_view iam_text, std::string_view s3_text) const {
        return flavour_ == PolicyFlavour::Iam ? AwsError(400, "MalformedPolicyDocument", iam_text)
                                              : AwsError(400, "MalformedPolicy", s3_text);
    }

    AwsError syntax_error() const {
        return refuse("Syntax errors in policy.", "Invalid policy syntax.");
    }

    AwsError not_json() const {
        return refuse(
            kind_ == PolicyKind::Trust ? "This policy contains invalid Json"
                                       : "Syntax errors in policy.",
            "Policies must be valid JSON and the first byte must be '{'"
        );
    }

    AwsError missing(std::string_view iam_text, std::string_view field) const {
        return refuse(iam_text, "Missing required field " + std::string(field));
    }

    Result<void> parse_version(const json::object& document);
    Result<void> check_members(
        const json::object& object, std::initializer_list<std::string_view> allowed
    ) const;
    Result<Statement> parse_statement(const json::value& value, std::size_t index);
    Result<void> parse_actions(const json::object& object, Statement& statement) const;
    Result<void> parse_resources(const json::object& object, Statement& statement) const;
    Result<void> parse_principals(const json::object& object, Statement& statement) const;
    Result<void> parse_principal_map(const json::object& map, Statement& statement) const;
    Result<void> parse_conditions(const json::object& object, Statement& statement) const;
    Result<void> check_action(std::string_view action) const;
    // A string or an array of strings.
    std::optional<Texts> texts_of(const json::value& value) const;
    // The one of two members that is there; nullptr when neither, error when both.
    Result<const json::value*> one_of(
        const json::object& object, std::string_view plain, std::string_view negated, bool& is_not
    ) const;

    PolicyKind kind_;
    PolicyFlavour flavour_;
    Variables variables_ = Variables::Literal; // Version 2008-10-17, also when there is none
};

std::optional<Parser::Texts> Parser::texts_of(const json::value& value) const {
    if (value.is_string()) {
        return Texts{std::string(view(value.get_string()))};
    }
    if (!value.is_array()) {
        return std::nullopt;
    }
    Texts texts;
    for (const json::value& item : value.get_array()) {
        if (!item.is_string()) {
            return std::nullopt;
        }
        texts.emplace_back(view(item.get_string()));
    }
    return texts;
}

Result<const json::value*> Parser::one_of(
    const json::object& object, std::string_view plain, std::string_view negated, bool& is_not
) const {
    const json::value* const positive = object.if_contains(plain);
    const json::value* const negative = object.if_contains(negated);
    if (positive != nullptr && negative != nullptr) {
        return syntax_error();
    }
    is_not = negative != nullptr;
    return is_not ? negative : positive;
}

Result<void> Parser::check_members(
    const json::object& object, std::initializer_list<std::string_view> allowed
) const {
    for (const auto& member : object) {
        if (std::find(allowed.begin(), allowed.end(), view(member.key())) == allowed.end()) {
            return refuse(
                "Syntax errors in policy.", "Unknown field " + std::string(view(member.key()))
            );
        }
    }
    return {};
}

Result<void> Parser::parse_version(const json::object& document) {
    const json::value* const version = document.if_contains("Version");
    if (version == nullptr) {
        return {};
    }
    if (!version->is_string()) {
        return syntax_error();
    }
    const std::string_view text = view(version->get_string());
    if (text == "2012-10-17") {
        variables_ = Variables::Active;
    } else if (text != "2008-10-17") {
        return refuse(
            "Policy document must be version 2012-10-17 or greater.",
            "The policy must contain a valid version string"
        );
    }
    return {};
}

Result<void> Parser::check_action(std::string_view action) const {
    if (kind_ == PolicyKind::Trust && !iequals(action.substr(0, 4), "sts:")) {
        return refuse(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            "Policy has invalid action"
        );
    }
    if (action == "*") {
        return {};
    }
    const auto colon = action.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return refuse(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            "Policy has invalid action"
        );
    }
    if (action.find(':', colon + 1) != std::string_view::npos) {
        return refuse("Actions/Condition can contain only one colon.", "Policy has invalid action");
    }
    const std::string_view vendor = action.substr(0, colon);
    if (vendor.find_first_of("*?") != std::string_view::npos) {
        return refuse(
            "Vendor " + std::string(vendor) + " is not valid", "Policy has invalid action"
        );
    }
    return {};
}

Result<void> Parser::parse_actions(const json::object& object, Statement& statement) const {
    const auto value = one_of(object, "Action", "NotAction", statement.not_action);
    if (!value) {
        return value.error();
    }
    if (*value == nullptr) {
        return missing("Policy statement must contain actions.", "Action");
    }
    auto texts = texts_of(**value);
    if (!texts) {
        return syntax_error();
    }
    if (texts->empty()) {
        return missing("Policy statement must contain actions.", "Action");
    }
    for (const std::string& action : *texts) {
        if (auto checked = check_action(action); !checked) {
            return checked.error();
        }
        statement.actions.push_back(
            Pattern::compile(to_lower(action), Wildcards::Active, Variables::Literal)
        );
    }
    statement.action_texts = *std::move(texts);
    return {};
}

Result<void> Parser::parse_resources(const json::object& object, Statement& statement) const {
    const auto value = one_of(object, "Resource", "NotResource", statement.not_resource);
    if (!value) {
        return value.error();
    }
    if (kind_ == PolicyKind::Trust) {
        if (*value != nullptr) {
            return refuse("Has prohibited field Resource.", "Policy has invalid resource");
        }
        return {};
    }
    if (*value == nullptr) {
        return missing("Policy statement must contain resources.", "Resource");
    }
    const auto texts = texts_of(**value);
    if (!texts) {
        return syntax_error();
    }
    if (texts->empty()) {
        return missing("Policy statement must contain resources.", "Resource");
    }
    for (const std::string& resource : *texts) {
        if (resource != "*" && !resource.starts_with("arn:")) {
            return refuse(
                "Resource " + resource + " must be in ARN format or \"*\".",
                "Policy has invalid resource"
            );
        }
        statement.resources.push_back(ArnPattern::compile(resource, variables_));
    }
    return {};
}

Result<void> Parser::parse_principal_map(const json::object& map, Statement& statement) const {
    using Kind = PrincipalPattern::Kind;
    const auto invalid = [&](std::string_view type, std::string_view value) {
        std::string upper(type);
        std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        return refuse(
            "Invalid principal in policy: \"" + upper + "\":\"" + std::string(value) + "\"",
            "Invalid principal in policy"
        );
    };
    for (const auto& member : map) {
        const std::string_view type = view(member.key());
        const auto values = texts_of(member.value());
        if (!values || values->empty()) {
            return refuse("Syntax errors in policy.", "Invalid principal in policy");
        }
        for (const std::string& value : *values) {
            if (type == "AWS") {
                auto principal = PrincipalPattern::parse_aws(value);
                if (!principal) {
                    return invalid(type, value);
                }
                statement.principals.push_back(*std::move(principal));
            } else if (type == "Service") {
                if (!is_known_service(value)) {
                    return invalid(type, value);
                }
                statement.principals.push_back({Kind::Service, value});
            } else if (type == "Federated" || type == "CanonicalUser") {
                statement.principals.push_back({Kind::Other, value});
            } else {
                return invalid(type, value);
            }
        }
    }
    return {};
}

Result<void> Parser::parse_principals(const json::object& object, Statement& statement) const {
    const auto value = one_of(object, "Principal", "NotPrincipal", statement.not_principal);
    if (!value) {
        return value.error();
    }
    if (kind_ == PolicyKind::Identity) {
        if (*value != nullptr) {
            return refuse(
                "Policy document should not specify a principal.", "Invalid policy syntax."
            );
        }
        return {};
    }
    if (*value == nullptr) {
        return missing("Missing required field Principal", "Principal");
    }
    const json::value& principal = **value;
    if (principal.is_string()) {
        if (view(principal.get_string()) != "*") {
            return refuse("Syntax errors in policy.", "Invalid principal in policy");
        }
        statement.principals.push_back({PrincipalPattern::Kind::Everyone, {}});
        return {};
    }
    if (!principal.is_object() || principal.get_object().empty()) {
        return refuse("Syntax errors in policy.", "Invalid principal in policy");
    }
    return parse_principal_map(principal.get_object(), statement);
}

// Condition values may also be JSON numbers and booleans.
std::optional<std::string> scalar_text(const json::value& value) {
    if (value.is_string()) {
        return std::string(view(value.get_string()));
    }
    if (value.is_bool()) {
        return value.get_bool() ? "true" : "false";
    }
    if (value.is_number()) {
        return json::serialize(value);
    }
    return std::nullopt;
}

Result<void> Parser::parse_conditions(const json::object& object, Statement& statement) const {
    const json::value* const block = object.if_contains("Condition");
    if (block == nullptr) {
        return {};
    }
    if (!block->is_object()) {
        return syntax_error();
    }
    for (const auto& by_operator : block->get_object()) {
        if (!by_operator.value().is_object()) {
            return syntax_error();
        }
        for (const auto& by_key : by_operator.value().get_object()) {
            Texts values;
            const json::value& given = by_key.value();
            const json::array single = {given};
            for (const json::value& item : given.is_array() ? given.get_array() : single) {
                auto text = scalar_text(item);
                if (!text) {
                    return syntax_error();
                }
                values.push_back(*std::move(text));
            }
            auto condition = Condition::parse(
                view(by_operator.key()), view(by_key.key()), std::move(values), variables_
            );
            if (!condition) {
                return refuse(
                    "Syntax errors in policy.",
                    "Invalid Condition type : " + std::string(view(by_operator.key()))
                );
            }
            statement.conditions.push_back(*std::move(condition));
        }
    }
    return {};
}

Result<Statement> Parser::parse_statement(const json::value& value, std::size_t index) {
    if (!value.is_object()) {
        return syntax_error();
    }
    const json::object& object = value.get_object();
    const auto known = check_members(
        object,
        {"Sid",
         "Effect",
         "Principal",
         "NotPrincipal",
         "Action",
         "NotAction",
         "Resource",
         "NotResource",
         "Condition"}
    );
    if (!known) {
        return known.error();
    }
    Statement statement;
    statement.index = index;
    if (const json::value* const sid = object.if_contains("Sid")) {
        if (!sid->is_string()) {
            return syntax_error();
        }
        statement.sid = view(sid->get_string());
    }
    const json::value* const effect = object.if_contains("Effect");
    if (effect == nullptr) {
        return missing("Syntax errors in policy.", "Effect");
    }
    const std::string_view effect_text =
        effect->is_string() ? view(effect->get_string()) : std::string_view{};
    if (effect_text != "Allow" && effect_text != "Deny") {
        return refuse("Syntax errors in policy.", "Invalid effect: " + std::string(effect_text));
    }
    statement.denies = effect_text == "Deny";
    for (const auto part :
         {&Parser::parse_principals,
          &Parser::parse_actions,
          &Parser::parse_resources,
          &Parser::parse_conditions}) {
        if (auto parsed = std::invoke(part, this, object, statement); !parsed) {
            return parsed.error();
        }
    }
    return statement;
}

Result<Policy> Parser::parse(std::string_view text) {
    if (text.size() > policy_bytes_max ||
        (flavour_ == PolicyFlavour::S3 && !text.starts_with('{'))) {
        return not_json();
    }
    json::parse_options options;
    options.max_depth = 32;
    boost::system::error_code error;
    const json::value document = json::parse({text.data(), text.size()}, error, {}, options);
    if (error || !document.is_object()) {
        return not_json();
    }
    const json::object& object = document.get_object();
    if (auto known = check_members(object, {"Version", "Id", "Statement"}); !known) {
        return known.error();
    }
    if (auto version = parse_version(object); !version) {
        return version.error();
    }
    const json::value* const given = object.if_contains("Statement");
    if (given == nullptr) {
        return missing("Syntax errors in policy.", "Statement");
    }
    const json::array single = {*given};
    const json::array& list = given->is_array() ? given->get_array() : single;
    if (list.size() > statements_max) {
        return syntax_error();
    }
    if (list.empty()) {
        return refuse(
            "Syntax errors in policy.", "Could not parse the policy: Statement is empty!"
        );
    }
    std::vector<Statement> statements;
    for (const json::value& item : list) {
        auto statement = parse_statement(item, statements.size() + 1);
        if (!statement) {
            return statement.error();
        }
        const bool repeated =
            !statement->sid.empty() &&
            std::any_of(statements.begin(), statements.end(), [&](const Statement& other) {
                return other.sid == statement->sid;
            });
        if (repeated) {
            return refuse(
                "Statement IDs (SID) in a single policy must be unique.",
                "Statement IDs (SID) in a single policy must be unique"
            );
        }
        statements.push_back(*std::move(statement));
    }
    return Policy(kind_, std::move(statements));
}

} // namespace

Result<Policy> parse_policy(std::string_view json, PolicyKind kind, PolicyFlavour flavour) {
    return Parser(kind, flavour).parse(json);
}

} // namespace benchtop::policy
