#include "emulator/stack/template.hpp"

#include "emulator/stack/readers.hpp"
#include "emulator/stack/refusal.hpp"

#include <algorithm>
#include <array>

namespace benchtop::stack {
namespace {

constexpr std::size_t kStackNameMax = 128;
constexpr std::size_t kOutputsMax = 200;

struct Type {
    std::string_view name;
    ReadResource read;
};

constexpr std::array kTypes{
    Type{"AWS::S3::Bucket", read_bucket},
    Type{"AWS::S3::BucketPolicy", read_bucket_policy},
    Type{"AWS::IAM::Role", read_role},
    Type{"AWS::IAM::User", read_user},
    Type{"AWS::IAM::Policy", read_policy},
    Type{"AWS::IAM::ManagedPolicy", read_policy},
    Type{"AWS::Lambda::Function", read_function},
    Type{"AWS::Lambda::Permission", read_permission},
    Type{"AWS::Lambda::EventInvokeConfig", read_event_invoke_config},
    Type{"AWS::ApiGatewayV2::Api", read_api_part},
    Type{"AWS::ApiGatewayV2::Authorizer", read_api_part},
    Type{"AWS::ApiGatewayV2::Integration", read_api_part},
    Type{"AWS::ApiGatewayV2::Route", read_api_part},
    Type{"AWS::ApiGatewayV2::Deployment", read_api_part},
    Type{"AWS::ApiGatewayV2::Stage", read_api_part},
};

void check_stack_name(const std::string& name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool good = !name.empty() && name.size() <= kStackNameMax && is_letter(name.front()) &&
                      std::all_of(name.begin(), name.end(), [&](char c) {
                          return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
                      });
    if (!good) {
        refuse(
            0,
            "A stack's name begins with a letter and has at most 128 letters, digits and hyphens."
        );
    }
}

void read_resource(Evaluator& evaluator, const Resource& resource, int order, Stack& stack) {
    const auto* const type = std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& one) {
        return one.name == resource.type;
    });
    const std::string where = "resource " + resource.logical_id;
    if (type == kTypes.end()) {
        refuse(resource.line, where + ": Benchtop does not build the type " + resource.type + ".");
    }
    Node evaluated = Node::map(resource.line);
    for (std::size_t i = 0; i < resource.properties.names.size(); ++i) {
        const std::string& name = resource.properties.names[i];
        evaluated.set(
            name, evaluator.evaluate(resource.properties.items[i], where + ", property " + name)
        );
    }
    Properties properties(evaluated, where, "");
    Reading reading{
        evaluator,
        resource,
        properties,
        {resource.logical_id, resource.type, resource.line, order},
        stack};
    type->read(reading);
    properties.finish();
}

void read_outputs(Evaluator& evaluator, const Node& outputs, Stack& stack) {
    if (outputs.names.size() > kOutputsMax) {
        refuse(outputs.line, "A template has at most 200 outputs.");
    }
    for (std::size_t i = 0; i < outputs.names.size(); ++i) {
        const std::string where = "output " + outputs.names[i];
        const Node evaluated = evaluator.evaluate(outputs.items[i], where);
        Properties members(evaluated, where, "");
        Output output;
        output.name = outputs.names[i];
        output.value = members.required("Value");
        output.description = members.text("Description").value_or("");
        members.find("Export"); // for other stacks, of which there are none
        members.finish();
        stack.outputs.push_back(std::move(output));
    }
}

} // namespace

std::string Reading::metadata(std::string_view name) const {
    const Node* const node = resource.metadata.find(name);
    if (node != nullptr && !node->is_scalar()) {
        refuse(
            node->line,
            "resource " + resource.logical_id + ", Metadata Benchtop." + std::string(name) +
                ": this must be a text."
        );
    }
    return node != nullptr ? node->text : std::string();
}

std::vector<std::string> Reading::metadata_list(std::string_view name) const {
    std::vector<std::string> out;
    const Node* const node = resource.metadata.find(name);
    if (node == nullptr) {
        return out;
    }
    for (const Node& item : node->items) {
        if (!node->is_list() || !item.is_scalar()) {
            refuse(
                item.line,
                "resource " + resource.logical_id + ", Metadata Benchtop." + std::string(name) +
                    ": this must be a list of texts."
            );
        }
        out.push_back(item.text);
    }
    return out;
}

Result<Stack> read_template(std::string_view text, const TemplateInput& input) {
    auto root = parse_template_text(text);
    if (!root) {
        return root.error();
    }
    try {
        check_stack_name(input.stack_name);
        const Sections sections = take_apart(*root, input);
        Evaluator evaluator(sections, input);
        Stack stack;
        stack.name = input.stack_name;
        stack.account = input.account;
        stack.region = input.region;
        int order = 0;
        for (const Resource& resource : sections.resources) {
            read_resource(evaluator, resource, order++, stack);
        }
        read_outputs(evaluator, sections.outputs, stack);
        return stack;
    } catch (const Refusal& refusal) {
        return refusal.error;
    }
}

std::string Stack::first_api() const {
    const ApiPartSpec* first = nullptr;
    for (const ApiPartSpec& part : api_parts) {
        if (part.kind == ApiPartSpec::Kind::Api &&
            (first == nullptr || part.origin.line < first->origin.line)) {
            first = &part;
        }
    }
    return first != nullptr ? first->api_id : std::string();
}

} // namespace benchtop::stack
