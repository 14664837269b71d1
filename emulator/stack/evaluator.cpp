#include "emulator/stack/evaluator.hpp"

#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/stack/refusal.hpp"

#include <algorithm>
#include <array>

namespace benchtop::stack {
namespace {

// Each Ref may be long and each Sub may repeat it: together they make at most this much.
constexpr std::size_t kEvaluatedBytesMax = 8 * 1024 * 1024;

constexpr std::string_view kUpperAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view kLowerAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

constexpr std::string_view kUrlSuffix = "amazonaws.com";

struct NameRule {
    std::string_view type;
    std::string_view property; // "" : the type has none, its Ref is drawn
    std::size_t longest;       // of a name CloudFormation makes up
    bool lower_case;
};

constexpr std::array kNameRules{
    NameRule{"AWS::S3::Bucket", "BucketName", 63, true},
    NameRule{"AWS::IAM::Role", "RoleName", 64, false},
    NameRule{"AWS::IAM::User", "UserName", 64, false},
    NameRule{"AWS::IAM::ManagedPolicy", "ManagedPolicyName", 128, false},
    NameRule{"AWS::Lambda::Function", "FunctionName", 64, false},
    NameRule{"AWS::ApiGatewayV2::Stage", "StageName", 0, false},
    NameRule{"AWS::S3::BucketPolicy", "Bucket", 0, false},
    NameRule{"AWS::IAM::Policy", "PolicyName", 0, false},
};

const NameRule* rule_of(std::string_view type) {
    const auto* const found =
        std::find_if(kNameRules.begin(), kNameRules.end(), [&](const NameRule& rule) {
            return rule.type == type;
        });
    return found == kNameRules.end() ? nullptr : found;
}

} // namespace

Evaluator::Evaluator(const Sections& sections, const TemplateInput& input)
    : sections_(sections)
    , input_(input) {}

Node Evaluator::evaluate(const Node& node, std::string_view where) {
    const std::string outer = std::exchange(where_, std::string(where));
    const auto walk = [this](const auto& self, const Node& given) -> Node {
        spend(given.text.size() + 1, given.line);
        if (const std::string* const name = given.only_name();
            name != nullptr && (*name == "Ref" || name->starts_with("Fn::"))) {
            return function(*name, given.items.front());
        }
        Node out = given;
        for (std::size_t i = 0; i < out.items.size(); ++i) {
            if (out.is_map() && out.names[i].starts_with("Fn::")) {
                fail(
                    given.line,
                    "A function stands alone: nothing may be beside " + out.names[i] + "."
                );
            }
            out.items[i] = self(self, given.items[i]);
        }
        return out;
    };
    Node out = walk(walk, node);
    where_ = outer;
    return out;
}

Node Evaluator::function(const std::string& name, const Node& argument) {
    std::string text;
    if (name == "Ref") {
        if (!argument.is_scalar()) {
            fail(argument.line, "Ref takes a name.");
        }
        text = reference(argument.text, argument.line);
    } else if (name == "Fn::GetAtt") {
        Node parts = argument;
        if (argument.is_scalar()) { // {"Fn::GetAtt": "Role.Arn"}, as SAM allows
            const std::size_t dot = std::min(argument.text.find('.'), argument.text.size());
            parts = Node::list(
                {Node::scalar(argument.text.substr(0, dot)),
                 Node::scalar(argument.text.substr(std::min(dot + 1, argument.text.size())))}
            );
        }
        if (!parts.is_list() || parts.items.size() != 2 || !parts.items[0].is_scalar()) {
            fail(argument.line, "Fn::GetAtt takes a resource and an attribute of it.");
        }
        text = attribute(
            parts.items[0].text, text_of(parts.items[1], "Fn::GetAtt's attribute"), argument.line
        );
    } else if (name == "Fn::Sub") {
        text = substitute(argument);
    } else if (name == "Fn::Join") {
        text = join(argument);
    } else {
        fail(
            argument.line,
            "Benchtop evaluates Ref, Fn::GetAtt, Fn::Sub and Fn::Join, not " + name + "."
        );
    }
    spend(text.size(), argument.line);
    return Node::scalar(text, argument.line);
}

std::string Evaluator::reference(const std::string& name, int line) {
    constexpr std::string_view pseudo = "AWS::";
    if (name.starts_with(pseudo)) {
        const std::string_view what = std::string_view(name).substr(pseudo.size());
        if (what == "AccountId") {
            return input_.account;
        }
        if (what == "Region") {
            return input_.region;
        }
        if (what == "Partition") {
            return "aws";
        }
        if (what == "StackName") {
            return input_.stack_name;
        }
        if (what == "URLSuffix") {
            return std::string(kUrlSuffix);
        }
        fail(line, "Benchtop has no pseudo parameter " + name + ".");
    }
    for (const auto& [parameter, value] : sections_.parameters) {
        if (parameter == name) {
            return value;
        }
    }
    if (const Resource* const resource = find(name)) {
        return ref(*resource, line);
    }
    fail(line, "There is no parameter and no resource " + name + ".");
}

std::string
Evaluator::attribute(const std::string& logical_id, const std::string& wanted, int line) {
    const Resource* const resource = find(logical_id);
    if (resource == nullptr) {
        fail(line, "There is no resource " + logical_id + ".");
    }
    const std::string name = ref(*resource, line);
    const std::string& type = resource->type;
    const std::string& account = input_.account;
    const std::string& region = input_.region;
    if (wanted == "Arn") {
        const auto path = [&] {
            const Node* const given = resource->properties.find("Path");
            return given != nullptr ? text_of(evaluate(*given, where_), "Path") : std::string("/");
        };
        if (type == "AWS::S3::Bucket") {
            return "arn:aws:s3:::" + name;
        }
        if (type == "AWS::Lambda::Function") {
            return "arn:aws:lambda:" + region + ":" + account + ":function:" + name;
        }
        if (type == "AWS::IAM::Role") {
            return "arn:aws:iam::" + account + ":role" + path() + name;
        }
        if (type == "AWS::IAM::User") {
            return "arn:aws:iam::" + account + ":user" + path() + name;
        }
    }
    if (type == "AWS::S3::Bucket" && (wanted == "DomainName" || wanted == "RegionalDomainName")) {
        return name + ".s3." + (wanted == "DomainName" ? "" : region + ".") + "amazonaws.com";
    }
    if (type == "AWS::ApiGatewayV2::Api") {
        if (wanted == "ApiId") {
            return name;
        }
        if (wanted == "ApiEndpoint") {
            return "https://" + name + ".execute-api." + region + ".amazonaws.com";
        }
    }
    if (type == "AWS::ApiGatewayV2::Authorizer" && wanted == "AuthorizerId") {
        return name;
    }
    if (type == "AWS::IAM::ManagedPolicy" && wanted == "PolicyArn") {
        return name;
    }
    fail(line, "Benchtop knows no attribute " + wanted + " of " + type + " (" + logical_id + ").");
}

std::string Evaluator::substitute(const Node& argument) {
    const Node* text = &argument;
    Node names = Node::map();
    if (argument.is_list()) {
        if (argument.items.size() != 2 || !argument.items[1].is_map()) {
            fail(argument.line, "Fn::Sub takes a text, or a text and a map of names.");
        }
        text = &argument.items[0];
        names = argument.items[1];
        for (std::size_t i = 0; i < names.items.size(); ++i) {
            Node value = evaluate(names.items[i], where_);
            names.items[i] = Node::scalar(text_of(value, "A value of Fn::Sub"), value.line);
        }
    }
    if (!text->is_scalar()) {
        fail(argument.line, "Fn::Sub takes a text, or a text and a map of names.");
    }
    std::string out;
    std::string_view rest = text->text;
    while (true) {
        const std::size_t begin = rest.find("${");
        out += rest.substr(0, begin);
        if (begin == std::string_view::npos) {
            return out;
        }
        rest.remove_prefix(begin + 2);
        const std::size_t end = rest.find('}');
        if (end == std::string_view::npos) {
            fail(text->line, "A ${ of Fn::Sub has no }.");
        }
        const std::string name(rest.substr(0, end));
        rest.remove_prefix(end + 1);
        const Node* const given = names.find(name);
        const std::size_t dot = name.find('.');
        if (name.starts_with('!')) {
            out += "${" + name.substr(1) + "}";
        } else if (given != nullptr) {
            out += given->text;
        } else if (dot != std::string::npos) {
            out += attribute(name.substr(0, dot), name.substr(dot + 1), text->line);
        } else {
            out += reference(name, text->line);
        }
        spend(0, text->line);
        if (out.size() > kEvaluatedBytesMax) {
            fail(text->line, "Fn::Sub makes too long a text of it.");
        }
    }
}

std::string Evaluator::join(const Node& argument) {
    if (!argument.is_list() || argument.items.size() != 2 || !argument.items[0].is_scalar() ||
        !argument.items[1].is_list()) {
        fail(argument.line, "Fn::Join takes a delimiter and a list.");
    }
    std::string out;
    const auto& parts = argument.items[1].items;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += i > 0 ? argument.items[0].text : std::string();
        out += text_of(evaluate(parts[i], where_), "A part of Fn::Join");
        if (out.size() > kEvaluatedBytesMax) {
            fail(argument.line, "Fn::Join makes too long a text of it.");
        }
    }
    return out;
}

std::string Evaluator::text_of(const Node& node, std::string_view what) {
    if (!node.is_scalar()) {
        fail(node.line, std::string(what) + " must be a text.");
    }
    return node.text;
}

std::string Evaluator::ref(const Resource& resource, int line) {
    if (const auto known = names_.find(resource.logical_id); known != names_.end()) {
        return known->second;
    }
    // The order of resources has no circles, but this may be asked before it is known.
    if (std::find(naming_.begin(), naming_.end(), resource.logical_id) != naming_.end() ||
        naming_.size() > kTemplateDepthMax) {
        fail(line, "The name of " + resource.logical_id + " depends on itself.");
    }
    naming_.push_back(resource.logical_id);
    std::string name = name_of(resource);
    naming_.pop_back();
    names_.emplace(resource.logical_id, name);
    return name;
}

std::string Evaluator::name_of(const Resource& resource) {
    const std::string& type = resource.type;
    if (const NameRule* const rule = rule_of(type)) {
        std::string name;
        if (const Node* const given = resource.properties.find(rule->property)) {
            const std::string where =
                "resource " + resource.logical_id + ", property " + std::string(rule->property);
            const Node value = evaluate(*given, where);
            if (!value.is_scalar()) {
                fail(value.line, "The " + std::string(rule->property) + " must be a text.");
            }
            name = value.text;
        } else if (rule->longest == 0) {
            refuse(
                resource.line,
                "resource " + resource.logical_id + ": the property " +
                    std::string(rule->property) + " is missing."
            );
        } else {
            name = generated(resource, rule->longest, rule->lower_case);
        }
        if (type == "AWS::IAM::ManagedPolicy") {
            const Node* const path = resource.properties.find("Path");
            return "arn:aws:iam::" + input_.account + ":policy" +
                   (path != nullptr ? text_of(evaluate(*path, where_), "Path") : "/") + name;
        }
        return name;
    }
    if (type == "AWS::ApiGatewayV2::Api") {
        return id_or_drawn(resource, 10);
    }
    if (type == "AWS::ApiGatewayV2::Integration" || type == "AWS::ApiGatewayV2::Route") {
        return id_or_drawn(resource, 7);
    }
    if (type == "AWS::ApiGatewayV2::Deployment" || type == "AWS::ApiGatewayV2::Authorizer") {
        return id_or_drawn(resource, 6);
    }
    if (type == "AWS::Lambda::Permission") {
        if (const Node* const id = resource.metadata.find("Id"); id != nullptr && id->is_scalar()) {
            return id->text;
        }
    }
    return generated(resource, 100, false);
}

std::string Evaluator::id_or_drawn(const Resource& resource, std::size_t length) {
    const Node* const given = resource.metadata.find("Id");
    if (given == nullptr) {
        return drawn(resource, length, kLowerAlphabet);
    }
    if (!given->is_scalar() || given->text.empty() || given->text.size() > 10 ||
        given->text.find_first_not_of(kLowerAlphabet) != std::string::npos) {
        refuse(
            given->line,
            "resource " + resource.logical_id +
                ", Metadata Benchtop.Id: an id has at most 10 of the characters a-z and 0-9."
        );
    }
    return given->text;
}

std::string
Evaluator::drawn(const Resource& resource, std::size_t length, std::string_view alphabet) const {
    std::string seed;
    for (const std::string* const part :
         {&input_.account, &input_.region, &input_.stack_name, &resource.logical_id}) {
        seed += *part + '\n';
    }
    const Sha256Digest digest = sha256(seed);
    std::string out;
    for (std::size_t i = 0; i < length; ++i) {
        out += alphabet[digest[i % digest.size()] % alphabet.size()];
    }
    return out;
}

// STACK-LOGICALID-RANDOM12, the first two cut to what the service allows.
std::string
Evaluator::generated(const Resource& resource, std::size_t longest, bool lower_case) const {
    constexpr std::size_t random = 12;
    std::string name = (input_.stack_name + "-" + resource.logical_id);
    name.resize(std::min(name.size(), longest - random - 1));
    name += '-' + drawn(resource, random, kUpperAlphabet);
    return lower_case ? to_lower(name) : name;
}

const Resource* Evaluator::find(std::string_view logical_id) const {
    const auto found = std::find_if(
        sections_.resources.begin(),
        sections_.resources.end(),
        [&](const Resource& resource) { return resource.logical_id == logical_id; }
    );
    return found == sections_.resources.end() ? nullptr : &*found;
}

void Evaluator::spend(std::size_t bytes, int line) {
    spent_ += bytes;
    if (spent_ > kEvaluatedBytesMax) {
        fail(line, "The template's functions make more than 8 MB of text.");
    }
}

void Evaluator::fail(int line, std::string_view sentence) const {
    refuse(line, where_.empty() ? std::string(sentence) : where_ + ": " + std::string(sentence));
}

} // namespace benchtop::stack
