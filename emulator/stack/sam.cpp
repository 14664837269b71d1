#include "emulator/core/encoding.hpp"
#include "emulator/stack/refusal.hpp"
#include "emulator/stack/resources.hpp"

#include <algorithm>
#include <array>

namespace benchtop::stack {
namespace {

constexpr std::string_view kImplicitApi = "ServerlessHttpApi";
constexpr std::string_view kBasicExecution =
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

Node ref(std::string_view name, int line) {
    return object({{"Ref", Node::scalar(name, line)}}, line);
}

Node arn_of(std::string_view name, int line) {
    return object(
        {{"Fn::GetAtt", Node::list({Node::scalar(name, line), Node::scalar("Arn", line)}, line)}},
        line
    );
}

Node sub(std::string_view text, int line) {
    return object({{"Fn::Sub", Node::scalar(text, line)}}, line);
}

std::string only_text(const Node& node, const std::string& where) {
    if (!node.is_scalar()) {
        refuse(node.line, where + " must be a text.");
    }
    return node.text;
}

// "!Ref Name" -> "Name"; "" for anything else.
std::string referred(const Node& node) {
    const std::string* const name = node.only_name();
    return name != nullptr && *name == "Ref" ? node.items.front().text : std::string();
}

// What Globals say first, what the function says last ("Globals section of the AWS SAM template").
bool is_function(const Node& node) {
    const std::string* const name = node.only_name();
    return name != nullptr && (*name == "Ref" || name->starts_with("Fn::"));
}

Node merged(const Node& globals, const Node& own) {
    if (globals.is_list() && own.is_list()) {
        Node out = globals;
        out.items.insert(out.items.end(), own.items.begin(), own.items.end());
        return out;
    }
    if (!globals.is_map() || !own.is_map() || is_function(globals) || is_function(own)) {
        return own;
    }
    Node out = globals;
    for (std::size_t i = 0; i < own.names.size(); ++i) {
        const Node* const global = globals.find(own.names[i]);
        out.set(own.names[i], global != nullptr ? merged(*global, own.items[i]) : own.items[i]);
    }
    return out;
}

// SAM's policy templates that concern a bucket ("AWS SAM policy templates"); `template` has been
// found here by its name.
struct PolicyTemplate {
    std::string_view name;
    std::vector<std::string_view> actions;
};

const PolicyTemplate* policy_template(std::string_view name) {
    static const std::vector<PolicyTemplate> templates{
        {"S3ReadPolicy",
         {"s3:GetObject",
          "s3:ListBucket",
          "s3:GetBucketLocation",
          "s3:GetObjectVersion",
          "s3:GetLifecycleConfiguration"}},
        {"S3WritePolicy", {"s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"}},
        {"S3CrudPolicy",
         {"s3:GetObject",
          "s3:ListBucket",
          "s3:GetBucketLocation",
          "s3:GetObjectVersion",
          "s3:PutObject",
          "s3:PutObjectAcl",
          "s3:GetLifecycleConfiguration",
          "s3:PutLifecycleConfiguration",
          "s3:DeleteObject"}},
    };
    const auto found = std::find_if(templates.begin(), templates.end(), [&](const auto& one) {
        return one.name == name;
    });
    return found == templates.end() ? nullptr : &*found;
}

class Expansion {
public:
    Expansion(std::vector<Resource>& resources, const Node* globals)
        : given_(resources) {
        if (globals == nullptr) {
            return;
        }
        for (std::size_t i = 0; i < globals->names.size(); ++i) {
            if (globals->names[i] != "Function" || !globals->items[i].is_map()) {
                refuse(
                    globals->items[i].line,
                    "Benchtop takes Globals for Function only, not " + globals->names[i] + "."
                );
            }
            globals_ = globals->items[i];
        }
    }

    void run() {
        for (const Resource& resource : given_) {
            if (resource.type == "AWS::Serverless::Function") {
                function(resource);
            } else if (resource.type == "AWS::Serverless::HttpApi") {
                http_api(resource);
            } else if (resource.type.starts_with("AWS::Serverless::")) {
                refuse(
                    resource.line,
                    "resource " + resource.logical_id + ": Benchtop does not build the type " +
                        resource.type + "."
                );
            } else {
                out_.push_back(resource);
            }
        }
        if (implicit_api_) {
            Resource api = made("AWS::Serverless::HttpApi", std::string(kImplicitApi), 0);
            api.line = implicit_line_;
            http_api(api);
        }
        add_triggers();
        add_api_dependencies();
        check_ids();
        given_ = std::move(out_);
    }

private:
    static Resource made(std::string type, std::string id, int line) {
        Resource resource;
        resource.type = std::move(type);
        resource.logical_id = std::move(id);
        resource.line = line;
        resource.properties = Node::map(line);
        return resource;
    }

    [[noreturn]] static void
    fail(int line, const Resource& resource, const std::string& property, const std::string& why) {
        refuse(line, "resource " + resource.logical_id + ", property " + property + ": " + why);
    }

    void function(const Resource& source) {
        Node properties = merged(globals_, source.properties);
        const std::string& id = source.logical_id;
        Resource lambda = made("AWS::Lambda::Function", id, source.line);
        lambda.metadata = source.metadata;
        lambda.depends_on = source.depends_on;
        Node role;
        Node events;
        Node policies;
        Node invoke;
        Node boundary;
        for (std::size_t i = 0; i < properties.names.size(); ++i) {
            const std::string& name = properties.names[i];
            Node& value = properties.items[i];
            constexpr std::array same{
                "FunctionName",
                "Handler",
                "Runtime",
                "Timeout",
                "MemorySize",
                "Environment",
                "Description",
                "Role",
                "PackageType",
                "Architectures",
                "EphemeralStorage",
                "ReservedConcurrentExecutions"};
            if (std::find(same.begin(), same.end(), name) != same.end()) {
                lambda.properties.set(name, value);
            } else if (name == "CodeUri") {
                lambda.properties.set("Code", code_uri(source, value));
            } else if (name == "InlineCode") {
                lambda.properties.set("Code", object({{"ZipFile", value}}, value.line));
            } else if (name == "Events") {
                events = value;
            } else if (name == "Policies") {
                policies = value;
            } else if (name == "PermissionsBoundary") {
                boundary = value;
            } else if (name == "EventInvokeConfig") {
                invoke = value;
            } else if (name == "Tags") {
                lambda.properties.set("Tags", tag_list(source, value));
            } else {
                fail(
                    value.line,
                    source,
                    name,
                    "Benchtop does not take this property of AWS::Serverless::Function."
                );
            }
        }
        if (lambda.properties.find("Role") == nullptr) {
            make_role(source, policies, boundary);
            lambda.properties.set("Role", arn_of(id + "Role", source.line));
        }
        out_.push_back(std::move(lambda));
        if (invoke.is_map()) {
            Resource config =
                made("AWS::Lambda::EventInvokeConfig", id + "EventInvokeConfig", invoke.line);
            config.properties = invoke;
            config.properties.set("FunctionName", ref(id, invoke.line));
            config.properties.set("Qualifier", Node::scalar("$LATEST"));
            out_.push_back(std::move(config));
        }
        if (events.kind != Node::Kind::Null && !events.is_map()) {
            fail(events.line, source, "Events", "this must be a map.");
        }
        for (std::size_t i = 0; i < events.names.size(); ++i) {
            event(source, events.names[i], events.items[i]);
        }
    }

    static Node code_uri(const Resource& source, const Node& value) {
        if (value.is_scalar() && !value.text.starts_with("s3://")) {
            return value; // beside the template
        }
        if (value.is_scalar()) {
            const std::string rest = value.text.substr(5);
            const std::size_t slash = rest.find('/');
            if (slash == std::string::npos) {
                fail(value.line, source, "CodeUri", "an s3:// URI names a bucket and a key.");
            }
            return object(
                {{"S3Bucket", Node::scalar(rest.substr(0, slash), value.line)},
                 {"S3Key", Node::scalar(rest.substr(slash + 1), value.line)}},
                value.line
            );
        }
        Node code = Node::map(value.line);
        for (std::size_t i = 0; i < value.names.size(); ++i) {
            const std::string& name = value.names[i];
            const std::string plain = name == "Bucket"    ? "S3Bucket"
                                      : name == "Key"     ? "S3Key"
                                      : name == "Version" ? "S3ObjectVersion"
                                                          : "";
            if (plain.empty()) {
                fail(
                    value.line,
                    source,
                    "CodeUri",
                    "this is a path, an s3:// URI, or a map of Bucket, Key and Version."
                );
            }
            code.set(plain, value.items[i]);
        }
        return code;
    }

    // SAM's {name: value} to CloudFormation's list.
    static Node tag_list(const Resource& source, const Node& tags) {
        if (!tags.is_map()) {
            fail(tags.line, source, "Tags", "this must be a map.");
        }
        Node list = Node::list({}, tags.line);
        for (std::size_t i = 0; i < tags.names.size(); ++i) {
            list.items.push_back(
                object({{"Key", Node::scalar(tags.names[i])}, {"Value", tags.items[i]}}, tags.line)
            );
        }
        return list;
    }

    void make_role(const Resource& source, const Node& policies, const Node& boundary) {
        Resource role = made("AWS::IAM::Role", source.logical_id + "Role", source.line);
        const int line = source.line;
        Node statement = object(
            {{"Effect", Node::scalar("Allow")},
             {"Principal",
              object({{"Service", Node::list({Node::scalar("lambda.amazonaws.com")})}})},
             {"Action", Node::list({Node::scalar("sts:AssumeRole")})}},
            line
        );
        role.properties.set(
            "AssumeRolePolicyDocument",
            object(
                {{"Version", Node::scalar("2012-10-17")},
                 {"Statement", Node::list({std::move(statement)})}},
                line
            )
        );
        Node managed = Node::list({Node::scalar(kBasicExecution)}, line);
        Node inline_policies = Node::list({}, line);
        std::vector<Node> given;
        if (policies.is_list()) {
            given = policies.items;
        } else if (policies.kind != Node::Kind::Null) {
            given = {policies};
        }
        for (std::size_t i = 0; i < given.size(); ++i) {
            policy(source, given[i], i, managed, inline_policies);
        }
        role.properties.set("ManagedPolicyArns", std::move(managed));
        if (!inline_policies.items.empty()) {
            role.properties.set("Policies", std::move(inline_policies));
        }
        if (boundary.kind != Node::Kind::Null) {
            role.properties.set("PermissionsBoundary", boundary);
        }
        out_.push_back(std::move(role));
    }

    static void policy(
        const Resource& source, const Node& given, std::size_t index, Node& managed, Node& inlines
    ) {
        if (given.is_scalar()) {
            managed.items.push_back(
                given.text.starts_with("arn:")
                    ? given
                    : Node::scalar("arn:aws:iam::aws:policy/" + given.text, given.line)
            );
            return;
        }
        if (!referred(given).empty() ||
            (given.only_name() != nullptr && given.only_name()->starts_with("Fn::"))) {
            managed.items.push_back(given);
            return;
        }
        Node document;
        if (given.find("Statement") != nullptr) {
            document = given;
            if (document.find("Version") == nullptr) {
                document.set("Version", Node::scalar("2012-10-17"));
            }
        } else if (const std::string* const name = given.only_name();
                   name != nullptr && policy_template(*name) != nullptr) {
            document = bucket_policy(source, *policy_template(*name), given.items.front());
        } else {
            fail(
                given.line,
                source,
                "Policies",
                "Benchtop takes ARNs, names of AWS's managed policies, documents with a Statement, "
                "and of SAM's templates S3ReadPolicy, S3WritePolicy and S3CrudPolicy."
            );
        }
        inlines.items.push_back(object(
            {{"PolicyName", Node::scalar(source.logical_id + "RolePolicy" + std::to_string(index))},
             {"PolicyDocument", std::move(document)}},
            given.line
        ));
    }

    static Node
    bucket_policy(const Resource& source, const PolicyTemplate& policy, const Node& arguments) {
        const Node* const bucket = arguments.find("BucketName");
        if (bucket == nullptr || arguments.names.size() != 1) {
            fail(
                arguments.line,
                source,
                "Policies",
                std::string(policy.name) + " takes the parameter BucketName."
            );
        }
        const auto resource = [&](std::string_view rest) {
            return object(
                {{"Fn::Sub",
                  Node::list(
                      {Node::scalar("arn:${AWS::Partition}:s3:::${bucketName}" + std::string(rest)),
                       object({{"bucketName", *bucket}})},
                      arguments.line
                  )}},
                arguments.line
            );
        };
        Node actions = Node::list({}, arguments.line);
        for (const std::string_view action : policy.actions) {
            actions.items.push_back(Node::scalar(action));
        }
        Node statement = object(
            {{"Effect", Node::scalar("Allow")},
             {"Action", std::move(actions)},
             {"Resource", Node::list({resource(""), resource("/*")})}},
            arguments.line
        );
        return object(
            {{"Version", Node::scalar("2012-10-17")},
             {"Statement", Node::list({std::move(statement)})}},
            arguments.line
        );
    }

    void event(const Resource& source, const std::string& name, const Node& given) {
        const Node* const type = given.find("Type");
        const Node* const written = given.find("Properties");
        const Node properties = written != nullptr ? *written : Node::map(given.line);
        if (type != nullptr && type->text == "HttpApi") {
            http_event(source, name, properties);
        } else if (type != nullptr && type->text == "S3") {
            s3_event(source, name, properties);
        } else {
            fail(
                given.line,
                source,
                "Events." + name,
                "Benchtop builds the event types HttpApi and S3" +
                    (type != nullptr ? ", not " + type->text : std::string()) + "."
            );
        }
    }

    static void check_members(
        const Resource& source,
        const std::string& where,
        const Node& properties,
        std::initializer_list<std::string_view> known
    ) {
        for (std::size_t i = 0; i < properties.names.size(); ++i) {
            if (std::find(known.begin(), known.end(), properties.names[i]) == known.end()) {
                fail(
                    properties.items[i].line,
                    source,
                    where + "." + properties.names[i],
                    "Benchtop does not take this property."
                );
            }
        }
    }

    void http_event(const Resource& source, const std::string& name, const Node& properties) {
        const std::string where = "Events." + name;
        check_members(
            source,
            where,
            properties,
            {"ApiId", "Path", "Method", "PayloadFormatVersion", "TimeoutInMillis"}
        );
        const int line = properties.line;
        std::string api(kImplicitApi);
        if (const Node* const given = properties.find("ApiId")) {
            api = referred(*given);
            if (api.empty()) {
                fail(
                    given->line,
                    source,
                    where + ".ApiId",
                    "this must be a Ref to an API of the template."
                );
            }
        } else {
            implicit_line_ = implicit_api_ ? implicit_line_ : line;
            implicit_api_ = true;
        }
        const Node* const path = properties.find("Path");
        const Node* const method = properties.find("Method");
        if ((path == nullptr) != (method == nullptr)) {
            fail(line, source, where, "Path and Method are given together, or neither is.");
        }
        std::string key = "$default";
        std::string arn_rest = "$default";
        if (path != nullptr) {
            const std::string route = only_text(*path, where + ".Path");
            std::string verb = only_text(*method, where + ".Method");
            std::transform(verb.begin(), verb.end(), verb.begin(), [](char c) {
                return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            });
            verb = verb == "X-AMAZON-APIGATEWAY-ANY-METHOD" ? "ANY" : verb;
            key = route == "$default" ? route : verb + ' ' + route;
            arn_rest = route == "$default" ? route : (verb == "ANY" ? "*" : verb) + arn_path(route);
        }
        const std::string& id = source.logical_id;
        Resource integration =
            made("AWS::ApiGatewayV2::Integration", id + name + "Integration", line);
        integration.properties.set("ApiId", ref(api, line));
        integration.properties.set("IntegrationType", Node::scalar("AWS_PROXY"));
        integration.properties.set("IntegrationUri", arn_of(id, line));
        const Node* const format = properties.find("PayloadFormatVersion");
        integration.properties.set(
            "PayloadFormatVersion", format != nullptr ? *format : Node::scalar("2.0")
        );
        if (const Node* const timeout = properties.find("TimeoutInMillis")) {
            integration.properties.set("TimeoutInMillis", *timeout);
        }
        Resource route = made("AWS::ApiGatewayV2::Route", id + name + "Route", line);
        route.properties.set("ApiId", ref(api, line));
        route.properties.set("RouteKey", Node::scalar(key, line));
        route.properties.set("Target", sub("integrations/${" + integration.logical_id + "}", line));
        out_.push_back(std::move(integration));
        out_.push_back(std::move(route));
        Resource permission = made("AWS::Lambda::Permission", id + name + "Permission", line);
        permission.properties.set("Action", Node::scalar("lambda:InvokeFunction"));
        permission.properties.set("FunctionName", ref(id, line));
        permission.properties.set("Principal", Node::scalar("apigateway.amazonaws.com"));
        permission.properties.set(
            "SourceArn",
            sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + api +
                    "}/*/" + arn_rest,
                line)
        );
        out_.push_back(std::move(permission));
        routed_.emplace_back(api, id);
    }

    // "/files/{id}" -> "/files/*"
    static std::string arn_path(std::string_view path) {
        std::string out;
        while (!path.empty()) {
            const std::size_t open = std::min(path.find('{'), path.size());
            out += path.substr(0, open);
            path.remove_prefix(open);
            if (!path.empty()) {
                out += '*';
                path.remove_prefix(std::min(path.find('}'), path.size() - 1) + 1);
            }
        }
        return out;
    }

    void s3_event(const Resource& source, const std::string& name, const Node& properties) {
        const std::string where = "Events." + name;
        check_members(source, where, properties, {"Bucket", "Events", "Filter"});
        const Node* const bucket = properties.find("Bucket");
        const std::string target = bucket != nullptr ? referred(*bucket) : std::string();
        if (target.empty()) {
            fail(
                properties.line,
                source,
                where + ".Bucket",
                "this must be a Ref to a bucket of the same template, as SAM wants it."
            );
        }
        const Node* const events = properties.find("Events");
        if (events == nullptr) {
            fail(properties.line, source, where + ".Events", "this is missing.");
        }
        const std::string& id = source.logical_id;
        const int line = properties.line;
        Resource permission = made("AWS::Lambda::Permission", id + name + "Permission", line);
        permission.properties.set("Action", Node::scalar("lambda:InvokeFunction"));
        permission.properties.set("FunctionName", ref(id, line));
        permission.properties.set("Principal", Node::scalar("s3.amazonaws.com"));
        permission.properties.set("SourceAccount", ref("AWS::AccountId", line));
        Trigger trigger{target, id, permission.logical_id, {}};
        const auto list = events->is_list() ? events->items : std::vector{*events};
        for (const Node& one : list) {
            Node configuration =
                object({{"Event", one}, {"Function", arn_of(id, line)}}, properties.line);
            if (const Node* const filter = properties.find("Filter")) {
                configuration.set("Filter", *filter);
            }
            trigger.configurations.push_back(std::move(configuration));
        }
        triggers_.push_back(std::move(trigger));
        out_.push_back(std::move(permission));
    }

    void http_api(const Resource& source) {
        Resource api = made("AWS::ApiGatewayV2::Api", source.logical_id, source.line);
        api.metadata = source.metadata;
        api.depends_on = source.depends_on;
        api.properties.set("Name", ref("AWS::StackName", source.line));
        api.properties.set("ProtocolType", Node::scalar("HTTP"));
        std::string stage_name = "$default";
        Resource stage = made("AWS::ApiGatewayV2::Stage", "", source.line);
        stage.properties.set("ApiId", ref(source.logical_id, source.line));
        Node stage_value = Node::scalar(stage_name);
        for (std::size_t i = 0; i < source.properties.names.size(); ++i) {
            const std::string& name = source.properties.names[i];
            const Node& value = source.properties.items[i];
            if (name == "StageName") {
                stage_value = value;
                stage_name = value.is_scalar() ? value.text : "";
            } else if (name == "StageVariables" || name == "DefaultRouteSettings" || name == "RouteSettings") {
                stage.properties.set(name, value);
            } else if (name == "Name" || name == "Description" || name == "DisableExecuteApiEndpoint") {
                api.properties.set(name, value);
            } else if (name == "CorsConfiguration") {
                const bool all = value.is_scalar() && value.text == "true";
                api.properties.set(
                    name,
                    all ? object({{"AllowOrigins", Node::list({Node::scalar("*")})}}, value.line)
                        : value
                );
            } else {
                fail(
                    value.line,
                    source,
                    name,
                    "Benchtop does not take this property of AWS::Serverless::HttpApi."
                );
            }
        }
        // SAM's logical id of a stage is made of its name, when that is a plain one.
        std::string plain;
        for (const char c : stage_name) {
            plain += (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                         ? std::string(1, c)
                         : std::string();
        }
        stage.logical_id =
            source.logical_id + (stage_name == "$default" ? "ApiGatewayDefault" : plain) + "Stage";
        stage.properties.set("StageName", stage_value);
        stage.properties.set("AutoDeploy", Node::number("true"));
        out_.push_back(std::move(api));
        out_.push_back(std::move(stage));
    }

    struct Trigger {
        std::string bucket;
        std::string function;
        std::string permission;
        std::vector<Node> configurations;
    };

    void add_triggers() {
        for (Trigger& trigger : triggers_) {
            const auto bucket = std::find_if(out_.begin(), out_.end(), [&](const Resource& one) {
                return one.logical_id == trigger.bucket && one.type == "AWS::S3::Bucket";
            });
            if (bucket == out_.end()) {
                refuse(
                    trigger.configurations.empty() ? 0 : trigger.configurations.front().line,
                    "resource " + trigger.function + ": the bucket " + trigger.bucket +
                        " of an S3 event is no bucket of this template."
                );
            }
            Node* notification = bucket->properties.find("NotificationConfiguration");
            if (notification == nullptr) {
                notification = &bucket->properties.set("NotificationConfiguration", Node::map());
            }
            Node* list = notification->find("LambdaConfigurations");
            if (list == nullptr) {
                list = &notification->set("LambdaConfigurations", Node::list({}));
            }
            for (Node& one : trigger.configurations) {
                list->items.push_back(std::move(one));
            }
            bucket->depends_on.push_back(trigger.permission);
        }
    }

    // SAM writes the routes into the API itself, so on AWS the API comes after its functions.
    void add_api_dependencies() {
        for (const auto& [api, function] : routed_) {
            const auto found = std::find_if(out_.begin(), out_.end(), [&](const Resource& one) {
                return one.logical_id == api && one.type == "AWS::ApiGatewayV2::Api";
            });
            if (found == out_.end()) {
                refuse(
                    0,
                    "resource " + function + ": the ApiId " + api +
                        " of an HttpApi event is no API of this template."
                );
            }
            found->depends_on.push_back(function);
        }
    }

    void check_ids() const {
        if (out_.size() > kResourcesMax) {
            refuse(0, "A template has at most 500 resources, those that SAM makes included.");
        }
        std::vector<std::string_view> ids;
        for (const Resource& resource : out_) {
            if (std::find(ids.begin(), ids.end(), resource.logical_id) != ids.end()) {
                refuse(
                    resource.line,
                    "The resource " + resource.logical_id +
                        " is written in the template and made by SAM as well."
                );
            }
            ids.push_back(resource.logical_id);
        }
    }

    std::vector<Resource>& given_;
    std::vector<Resource> out_;
    Node globals_ = Node::map();
    bool implicit_api_ = false;
    int implicit_line_ = 0;
    std::vector<Trigger> triggers_;
    std::vector<std::pair<std::string, std::string>> routed_; // (API, function)
};

} // namespace

void expand_serverless(std::vector<Resource>& resources, const Node* globals) {
    Expansion(resources, globals).run();
}

} // namespace benchtop::stack
