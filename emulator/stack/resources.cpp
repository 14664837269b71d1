#include "emulator/stack/resources.hpp"

#include "emulator/core/encoding.hpp"
#include "emulator/stack/refusal.hpp"

#include <algorithm>
#include <array>

namespace benchtop::stack {
namespace {

// "Understand CloudFormation quotas", User Guide.
constexpr std::size_t kParametersMax = 200;
constexpr std::size_t kParameterBytesMax = 4096;
constexpr std::string_view kServerlessTransform = "AWS::Serverless-2016-10-31";

bool is_alphanumeric(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

const Node& map_of(const Node& node, std::string_view what) {
    if (!node.is_map()) {
        refuse(node.line, std::string(what) + " must be a map.");
    }
    return node;
}

const std::string& text_of(const Node& node, std::string_view what) {
    if (!node.is_scalar()) {
        refuse(node.line, std::string(what) + " must be a text.");
    }
    return node.text;
}

void check_sections(const Node& root) {
    constexpr std::array known{
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Transform",
        "Globals",
        "Parameters",
        "Resources",
        "Outputs"};
    for (std::size_t i = 0; i < root.names.size(); ++i) {
        const std::string& name = root.names[i];
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            refuse(
                root.items[i].line, "Benchtop does not evaluate the template section " + name + "."
            );
        }
    }
    if (const Node* const version = root.find("AWSTemplateFormatVersion");
        version != nullptr && text_of(*version, "AWSTemplateFormatVersion") != "2010-09-09") {
        refuse(version->line, "The only AWSTemplateFormatVersion is 2010-09-09.");
    }
}

bool is_serverless(const Node& root) {
    const Node* const transform = root.find("Transform");
    if (transform == nullptr) {
        return false;
    }
    std::vector<Node> given = transform->is_list() ? transform->items : std::vector{*transform};
    for (const Node& one : given) {
        if (!one.is_scalar() || one.text != kServerlessTransform) {
            refuse(
                one.line,
                "The only transform Benchtop knows is " + std::string(kServerlessTransform) + "."
            );
        }
    }
    return !given.empty();
}

// --- parameters

void check_parameter_value(
    const std::string& name,
    const Node& definition,
    const std::string& type,
    const std::string& value
) {
    const auto fail = [&](const std::string& sentence) {
        refuse(definition.line, "parameter " + name + ": " + sentence);
    };
    const auto bound = [&](std::string_view member) -> std::optional<std::uint64_t> {
        const Node* const node = definition.find(member);
        return node != nullptr ? parse_u64(text_of(*node, member)) : std::nullopt;
    };
    if (value.size() > kParameterBytesMax) {
        fail("the value is longer than 4096 bytes.");
    }
    if (value.size() < bound("MinLength").value_or(0) ||
        value.size() > bound("MaxLength").value_or(kParameterBytesMax)) {
        fail("the length of the value is outside MinLength and MaxLength.");
    }
    if (type == "Number") {
        const auto number = parse_i64(value);
        if (!number) {
            fail("the value " + value + " is no integer.");
        }
        for (const std::string_view member : {"MinValue", "MaxValue"}) {
            const Node* const node = definition.find(member);
            const auto limit = node != nullptr ? parse_i64(text_of(*node, member)) : std::nullopt;
            if (limit && (member == "MinValue" ? *number < *limit : *number > *limit)) {
                fail("the value is outside MinValue and MaxValue.");
            }
        }
    }
    if (const Node* const allowed = definition.find("AllowedValues")) {
        if (std::none_of(allowed->items.begin(), allowed->items.end(), [&](const Node& one) {
                return one.text == value;
            })) {
            fail("the value " + value + " is not among AllowedValues.");
        }
    }
}

std::pair<std::string, std::string>
parameter(const std::string& name, const Node& definition, const NamedTexts& given) {
    map_of(definition, "parameter " + name);
    constexpr std::array known{
        "Type",
        "Default",
        "Description",
        "AllowedValues",
        "ConstraintDescription",
        "MinLength",
        "MaxLength",
        "MinValue",
        "MaxValue",
        "NoEcho"};
    for (std::size_t i = 0; i < definition.names.size(); ++i) {
        if (std::find(known.begin(), known.end(), definition.names[i]) == known.end()) {
            refuse(
                definition.items[i].line,
                "parameter " + name + ": Benchtop does not take " + definition.names[i] + "."
            );
        }
    }
    const Node* const type = definition.find("Type");
    if (type == nullptr || !type->is_scalar() ||
        (type->text != "String" && type->text != "Number")) {
        refuse(
            type != nullptr ? type->line : definition.line,
            "parameter " + name + ": the types Benchtop takes are String and Number."
        );
    }
    std::string value;
    const auto said = std::find_if(given.begin(), given.end(), [&](const auto& one) {
        return one.first == name;
    });
    if (said != given.end()) {
        value = said->second;
    } else if (const Node* const fallback = definition.find("Default")) {
        value = text_of(*fallback, "The Default of parameter " + name);
    } else {
        refuse(
            definition.line,
            "The parameter " + name + " has no Default: give it with --parameter " + name +
                "=VALUE."
        );
    }
    check_parameter_value(name, definition, type->text, value);
    return {name, value};
}

NamedTexts take_parameters(const Node& root, const NamedTexts& given) {
    NamedTexts out;
    if (const Node* const section = root.find("Parameters")) {
        map_of(*section, "Parameters");
        if (section->names.size() > kParametersMax) {
            refuse(section->line, "A template has at most 200 parameters.");
        }
        for (std::size_t i = 0; i < section->names.size(); ++i) {
            out.push_back(parameter(section->names[i], section->items[i], given));
        }
    }
    for (const auto& [name, value] : given) {
        if (std::none_of(out.begin(), out.end(), [&](const auto& one) {
                return one.first == name;
            })) {
            refuse(0, "The template has no parameter " + name + ".");
        }
    }
    return out;
}

// --- resources

std::vector<std::string> depends_on(const std::string& id, const Node& node) {
    std::vector<std::string> out;
    const auto given = node.is_list() ? node.items : std::vector{node};
    for (const Node& one : given) {
        out.push_back(text_of(one, "DependsOn of resource " + id));
    }
    return out;
}

Resource take_resource(const std::string& id, const Node& node) {
    const std::string where = "resource " + id;
    if (!is_alphanumeric(id)) {
        refuse(node.line, where + ": a logical id has letters and digits only.");
    }
    map_of(node, where);
    Resource out;
    out.logical_id = id;
    out.line = node.line;
    const Node* const type = node.find("Type");
    if (type == nullptr) {
        refuse(node.line, where + ": the Type is missing.");
    }
    out.type = text_of(*type, where + ": the Type");
    out.properties = Node::map(node.line);
    for (std::size_t i = 0; i < node.names.size(); ++i) {
        const std::string& name = node.names[i];
        const Node& value = node.items[i];
        if (name == "Properties") {
            if (value.kind != Node::Kind::Null) {
                out.properties = map_of(value, where + ": Properties");
            }
        } else if (name == "DependsOn") {
            out.depends_on = depends_on(id, value);
        } else if (name == "Metadata") {
            if (const Node* const mine = value.find("Benchtop")) {
                out.metadata = map_of(*mine, where + ": Metadata.Benchtop");
            }
        } else if (name == "DeletionPolicy" || name == "UpdateReplacePolicy") {
            // About what `up` never does: it only creates.
        } else if (name != "Type") {
            refuse(
                value.line,
                where + " (" + out.type + "): Benchtop does not take the attribute " + name + "."
            );
        }
    }
    return out;
}

// --- who refers to whom

void collect_names(const Node& node, std::vector<std::string>& out) {
    const auto collect_substituted = [&](const std::string& text) {
        for (std::size_t at = text.find("${"); at != std::string::npos;
             at = text.find("${", at + 2)) {
            const std::size_t end = text.find('}', at);
            if (end == std::string::npos) {
                return;
            }
            const std::string name = text.substr(at + 2, end - at - 2);
            out.push_back(name.substr(0, name.find('.')));
        }
    };
    const std::string* const name = node.only_name();
    if (name != nullptr && *name == "Ref") {
        out.push_back(node.items.front().text);
        return;
    }
    if (name != nullptr && *name == "Fn::GetAtt") {
        const Node& argument = node.items.front();
        const std::string& target = argument.items.empty() ? argument.text : argument.items[0].text;
        out.push_back(target.substr(0, target.find('.')));
        return;
    }
    if (name != nullptr && *name == "Fn::Sub") {
        const Node& argument = node.items.front();
        collect_substituted(argument.items.empty() ? argument.text : argument.items[0].text);
    }
    for (const Node& item : node.items) {
        collect_names(item, out);
    }
}

// The earlier, the sooner AWS is done with it, or the worse for who forgot a DependsOn.
int rank_of(std::string_view type) {
    constexpr std::array order{
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::Policy",
        "AWS::ApiGatewayV2::Api",
        "AWS::Lambda::Function"};
    const auto* const found = std::find(order.begin(), order.end(), type);
    return static_cast<int>(found - order.begin());
}

} // namespace

Sections take_apart(const Node& root, const TemplateInput& input) {
    check_sections(root);
    Sections out;
    out.parameters = take_parameters(root, input.parameters);
    const Node* const resources = root.find("Resources");
    if (resources == nullptr || !resources->is_map() || resources->items.empty()) {
        refuse(root.line, "The template has no Resources.");
    }
    if (resources->names.size() > kResourcesMax) {
        refuse(resources->line, "A template has at most 500 resources.");
    }
    for (std::size_t i = 0; i < resources->names.size(); ++i) {
        out.resources.push_back(take_resource(resources->names[i], resources->items[i]));
        for (const auto& [name, value] : out.parameters) {
            if (name == resources->names[i]) {
                refuse(resources->items[i].line, name + " is a parameter and a resource.");
            }
        }
    }
    const bool serverless = is_serverless(root);
    for (const Resource& resource : out.resources) {
        if (resource.type.starts_with("AWS::Serverless::") && !serverless) {
            refuse(
                resource.line,
                "resource " + resource.logical_id + ": the type " + resource.type +
                    " needs Transform: " + std::string(kServerlessTransform) + "."
            );
        }
    }
    const Node* const globals = root.find("Globals");
    if (globals != nullptr && !serverless) {
        refuse(globals->line, "Globals need Transform: " + std::string(kServerlessTransform) + ".");
    }
    if (serverless) {
        expand_serverless(out.resources, globals);
    }
    put_in_order(out.resources);
    if (const Node* const outputs = root.find("Outputs")) {
        out.outputs = map_of(*outputs, "Outputs");
    }
    return out;
}

void put_in_order(std::vector<Resource>& resources) {
    const std::size_t count = resources.size();
    std::map<std::string, std::size_t, std::less<>> index;
    for (std::size_t i = 0; i < count; ++i) {
        index.emplace(resources[i].logical_id, i);
    }
    std::vector<std::vector<std::size_t>> followers(count);
    std::vector<std::size_t> waits(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> names;
        collect_names(resources[i].properties, names);
        for (const std::string& name : resources[i].depends_on) {
            if (!index.contains(name)) {
                refuse(
                    resources[i].line,
                    "resource " + resources[i].logical_id + ": DependsOn names " + name +
                        ", which is no resource."
                );
            }
            names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        for (const std::string& name : names) {
            if (const auto found = index.find(name); found != index.end()) {
                followers[found->second].push_back(i);
                ++waits[i];
            }
        }
    }
    std::vector<Resource> ordered;
    std::vector<bool> done(count, false);
    while (ordered.size() < count) {
        std::size_t next = count;
        for (std::size_t i = 0; i < count; ++i) {
            if (!done[i] && waits[i] == 0 &&
                (next == count || rank_of(resources[i].type) < rank_of(resources[next].type))) {
                next = i;
            }
        }
        if (next == count) {
            std::string circle;
            int line = 0;
            for (std::size_t i = 0; i < count; ++i) {
                if (!done[i]) {
                    line = line == 0 ? resources[i].line : line;
                    circle += (circle.empty() ? "" : ", ") + resources[i].logical_id;
                }
            }
            refuse(line, "Circular dependency between resources: [" + circle + "]");
        }
        done[next] = true;
        for (const std::size_t follower : followers[next]) {
            --waits[follower];
        }
        ordered.push_back(resources[next]);
    }
    resources = std::move(ordered);
}

} // namespace benchtop::stack
