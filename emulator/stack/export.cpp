#include "emulator/stack/export.hpp"

#include "emulator/apigateway/model.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/iam/model.hpp"
#include "emulator/lambda/details.hpp"
#include "emulator/s3/cors.hpp"
#include "emulator/s3/notification_config.hpp"
#include "emulator/service/function_settings.hpp"
#include "emulator/stack/export_nodes.hpp"
#include "emulator/stack/yaml_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace benchtop::stack {
namespace {

namespace json = boost::json;

// Folders are looked for among this many keys of a bucket.
constexpr int kKeysLookedAt = 1000;

class Exporter {
public:
    Exporter(const store::ReadTx& tx, std::string_view account, std::string_view region)
        : tx_(tx)
        , account_(account)
        , region_(region) {}

    Export run() {
        for (const auto& policy : iam::list_policies(tx_, account_)) {
            if (policy.account == account_) {
                add_managed_policy(policy);
            }
        }
        for (const auto& role : tx_.list_roles(account_)) {
            add_role(role);
        }
        note_users();
        for (const auto& function : tx_.list_functions(account_)) {
            if (function.region != region_) {
                note(
                    "The function " + function.name + " is in " + function.region + ", not in " +
                    region_ + "."
                );
            } else {
                add_function(function);
            }
        }
        auto apis = tx_.list_apis();
        std::stable_sort(apis.begin(), apis.end(), [](const auto& a, const auto& b) {
            return std::pair(a.name, a.api_id) < std::pair(b.name, b.api_id);
        });
        for (const auto& row : apis) {
            if (row.account == account_ && row.region == region_) {
                add_api(row);
            }
        }
        for (const auto& function : functions_) {
            add_permissions(function);
            add_event_invoke_config(function);
        }
        for (const auto& bucket : tx_.list_buckets(account_)) {
            if (bucket.region != region_) {
                note(
                    "The bucket " + bucket.name + " is in " + bucket.region + ", not in " +
                    region_ + "."
                );
            } else {
                add_bucket(bucket);
            }
        }
        return finish();
    }

private:
    void note(std::string sentence) { out_.notes.push_back(std::move(sentence)); }

    // A logical id nobody has yet.
    std::string logical_id(std::string_view name, std::string_view kind) {
        std::string id = pascal(name);
        if (!id.ends_with(kind)) {
            id += kind;
        }
        id.resize(std::min<std::size_t>(id.size(), 200));
        std::string unique = id;
        for (int i = 2; !ids_.insert(unique).second; ++i) {
            unique = id + std::to_string(i);
        }
        return unique;
    }

    static Node resource(std::string_view type, Node benchtop, Node properties) {
        Node out = object({{"Type", Node::scalar(type)}});
        if (!benchtop.names.empty()) {
            out.set("Metadata", object({{"Benchtop", std::move(benchtop)}}));
        }
        out.set("Properties", std::move(properties));
        return out;
    }

    // Account and region as pseudo parameters, so that the text is true elsewhere too.
    Node portable(std::string_view text) const {
        if (text == account_) {
            return ref_to("AWS::AccountId");
        }
        std::string out(text);
        replace_all(out, "${", "${!");
        const std::string escaped = out;
        replace_all(
            out, ":" + region_ + ":" + account_ + ":", ":${AWS::Region}:${AWS::AccountId}:"
        );
        replace_all(out, "::" + account_ + ":", "::${AWS::AccountId}:");
        return out == escaped ? Node::scalar(text) : sub(out);
    }

    Node from_json(const json::value& value) const {
        switch (value.kind()) {
        case json::kind::object: {
            Node out = Node::map();
            for (const auto& [name, member] : value.get_object()) {
                out.set(name, from_json(member));
            }
            return out;
        }
        case json::kind::array: {
            Node out = Node::list({});
            for (const auto& item : value.get_array()) {
                out.items.push_back(from_json(item));
            }
            return out;
        }
        case json::kind::string:
            return portable(value.get_string());
        case json::kind::double_:
            return real(value.get_double());
        default:
            return Node::number(json::serialize(value));
        }
    }

    Node document(std::string_view text) const {
        boost::system::error_code ec;
        const json::value parsed = json::parse(text, ec);
        return ec ? Node::map() : from_json(parsed);
    }

    Node text_map(const NamedTexts& texts) const {
        Node out = Node::map();
        for (const auto& [name, value] : texts) {
            out.set(name, portable(value));
        }
        return out;
    }

    // --- IAM

    void add_managed_policy(const iam::ManagedPolicy& policy) {
        const std::string id = logical_id(policy.name, "Policy");
        Node properties = object({{"ManagedPolicyName", Node::scalar(policy.name)}});
        if (policy.path != "/") {
            properties.set("Path", Node::scalar(policy.path));
        }
        if (!policy.description.empty()) {
            properties.set("Description", Node::scalar(policy.description));
        }
        properties.set("PolicyDocument", document(policy.current().document));
        if (policy.versions.size() > 1) {
            note("The versions of the policy " + policy.name + " that are not its default.");
        }
        policies_.emplace(policy.arn(), id);
        resources_.set(id, resource("AWS::IAM::ManagedPolicy", Node::map(), std::move(properties)));
    }

    Node policy_arn(const std::string& arn) const {
        const auto found = policies_.find(arn);
        return found != policies_.end() ? ref_to(found->second) : portable(arn);
    }

    Node tag_list(const NamedTexts& tags) const {
        Node out = Node::list({});
        for (const auto& [key, value] : tags) {
            out.items.push_back(object({{"Key", Node::scalar(key)}, {"Value", portable(value)}}));
        }
        return out;
    }

    void add_role_policies(const std::string& name, Node& properties) const {
        const auto kind = store::PrincipalKind::Role;
        Node managed = Node::list({});
        for (const std::string& arn : iam::attached_policies(tx_, kind, account_, name)) {
            managed.items.push_back(policy_arn(arn));
        }
        if (!managed.items.empty()) {
            properties.set("ManagedPolicyArns", std::move(managed));
        }
        Node policies = Node::list({});
        for (const auto& policy : tx_.inline_policies(kind, account_, name)) {
            policies.items.push_back(object(
                {{"PolicyName", Node::scalar(policy.name)},
                 {"PolicyDocument", document(policy.document)}}
            ));
        }
        if (!policies.items.empty()) {
            properties.set("Policies", std::move(policies));
        }
    }

    void add_role(const store::Role& role) {
        const std::string id = logical_id(role.name, "Role");
        const iam::Details details = iam::parse_details(role.details);
        const iam::Details ordinary;
        Node properties = object({{"RoleName", Node::scalar(role.name)}});
        if (role.path != "/") {
            properties.set("Path", Node::scalar(role.path));
        }
        if (!details.description.empty()) {
            properties.set("Description", Node::scalar(details.description));
        }
        properties.set("AssumeRolePolicyDocument", document(role.trust_policy));
        if (details.max_session_s != ordinary.max_session_s) {
            properties.set("MaxSessionDuration", number(details.max_session_s));
        }
        if (!details.boundary.empty()) {
            properties.set("PermissionsBoundary", policy_arn(details.boundary));
        }
        add_role_policies(role.name, properties);
        if (!details.tags.empty()) {
            properties.set("Tags", tag_list(details.tags));
        }
        roles_.emplace("arn:aws:iam::" + account_ + ":role" + role.path + role.name, id);
        resources_.set(id, resource("AWS::IAM::Role", Node::map(), std::move(properties)));
    }

    // A template cannot hold a user's secrets, and a user without them is another user.
    void note_users() {
        for (const auto& user : tx_.list_users(account_)) {
            if (user.name != kAdministratorName) {
                note("The user " + user.name + " and its access keys.");
            }
        }
        for (const auto& group : iam::list_groups(tx_, account_)) {
            note("The group " + group.name + ".");
        }
    }

    // --- Lambda

    void add_function(const store::Function& function) {
        const std::string id = logical_id(function.name, "Function");
        Node metadata = Node::map();
        ExportedCode code;
        code.path = "code/" + function.name + ".zip";
        if (function.code_kind == "plugin") {
            metadata.set("Plugin", Node::scalar(function.code));
            code.plugin = function.code;
        } else {
            code.sha256 = function.code;
        }
        Node properties = object({{"FunctionName", Node::scalar(function.name)}});
        const auto role = roles_.find(function.role_arn);
        properties.set(
            "Role", role != roles_.end() ? arn_of(role->second) : portable(function.role_arn)
        );
        properties.set("Runtime", Node::scalar(function.runtime));
        properties.set("Handler", Node::scalar(function.handler));
        properties.set("CodeUri", Node::scalar(code.path));
        properties.set("Timeout", number(function.timeout_s));
        properties.set("MemorySize", number(function.memory_mb));
        if (!function.environment.empty()) {
            properties.set("Environment", object({{"Variables", text_map(function.environment)}}));
        }
        add_details(lambda::details_of(function), properties);
        if (const auto reserved =
                service::reserved_concurrency(tx_, {account_, region_, function.name, ""})) {
            properties.set("ReservedConcurrentExecutions", number(*reserved));
        }
        if (tx_.list_function_versions(account_, region_, function.name).size() > 1 ||
            !tx_.list_function_aliases(account_, region_, function.name).empty()) {
            note("The versions and aliases of the function " + function.name + ".");
        }
        function_ids_.emplace(function.arn(), id);
        functions_.push_back(function);
        out_.code.push_back(std::move(code));
        resources_.set(
            id, resource("AWS::Serverless::Function", std::move(metadata), std::move(properties))
        );
    }

    void add_details(const lambda::Details& details, Node& properties) const {
        const lambda::Details ordinary;
        if (!details.description.empty()) {
            properties.set("Description", Node::scalar(details.description));
        }
        if (details.architecture != ordinary.architecture) {
            properties.set("Architectures", texts({details.architecture}));
        }
        if (details.ephemeral_mb != ordinary.ephemeral_mb) {
            properties.set("EphemeralStorage", object({{"Size", number(details.ephemeral_mb)}}));
        }
        if (!details.tags.empty()) {
            properties.set("Tags", text_map(details.tags));
        }
    }

    // Of $LATEST: other qualifiers are not in the template.
    void add_event_invoke_config(const store::Function& function) {
        const auto text = tx_.find_document(
            service::event_invoke_config_space({account_, region_, function.name, ""}),
            store::kLatestVersion
        );
        boost::system::error_code ec;
        const json::value parsed = text ? json::parse(*text, ec) : json::value();
        if (ec || !parsed.is_object()) {
            return;
        }
        const json::object& config = parsed.get_object();
        const std::string& function_id = function_ids_.at(function.arn());
        Node properties = object(
            {{"FunctionName", ref_to(function_id)},
             {"Qualifier", Node::scalar(store::kLatestVersion)}}
        );
        for (const std::string_view name : {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"}) {
            if (const json::value* const value = config.if_contains(name)) {
                properties.set(name, Node::number(json::serialize(*value)));
            }
        }
        const json::value* const given = config.if_contains("DestinationConfig");
        Node destinations = Node::map();
        for (const std::string_view name : {"OnFailure", "OnSuccess"}) {
            const json::value* const one = given != nullptr && given->is_object()
                                               ? given->get_object().if_contains(name)
                                               : nullptr;
            const std::string arn = one != nullptr && one->is_object()
                                        ? text_at(one->get_object(), "Destination")
                                        : std::string();
            if (!arn.empty()) {
                destinations.set(name, object({{"Destination", function_arn(arn)}}));
            }
        }
        if (!destinations.names.empty()) {
            properties.set("DestinationConfig", std::move(destinations));
        }
        resources_.set(
            logical_id(function_id, "EventInvokeConfig"),
            resource("AWS::Lambda::EventInvokeConfig", Node::map(), std::move(properties))
        );
    }

    Node function_arn(const std::string& arn) const {
        const auto found = function_ids_.find(arn);
        return found != function_ids_.end() ? arn_of(found->second) : portable(arn);
    }

    void add_permissions(const store::Function& function) {
        boost::system::error_code ec;
        const json::value policy = json::parse(
            function.policy.empty() ? std::string_view("{}") : std::string_view(function.policy), ec
        );
        const json::value* const statements =
            !ec && policy.is_object() ? policy.get_object().if_contains("Statement") : nullptr;
        if (statements == nullptr || !statements->is_array()) {
            return;
        }
        for (const json::value& statement : statements->get_array()) {
            if (statement.is_object()) {
                add_permission(function, statement.get_object());
            }
        }
    }

    void add_permission(const store::Function& function, const json::object& statement) {
        const std::string sid = text_at(statement, "Sid");
        const json::value* const principal = statement.if_contains("Principal");
        std::string who;
        if (principal != nullptr && principal->is_string()) {
            who = principal->get_string();
        } else if (principal != nullptr && principal->is_object()) {
            who = text_at(principal->get_object(), "Service");
            who = who.empty() ? text_at(principal->get_object(), "AWS") : who;
        }
        const json::value* const condition = statement.if_contains("Condition");
        const json::object none;
        const json::object& conditions =
            condition != nullptr && condition->is_object() ? condition->get_object() : none;
        const std::string source_arn = condition_at(conditions, "AWS:SourceArn");
        const std::string source_account = condition_at(conditions, "AWS:SourceAccount");
        std::size_t known = 0;
        known += source_arn.empty() ? 0 : 1;
        known += source_account.empty() ? 0 : 1;
        std::size_t all = 0;
        for (const auto& [operation, members] : conditions) {
            all += members.is_object() ? members.get_object().size() : 1;
        }
        if (who.empty() || known != all) {
            note(
                "The permission " + sid + " of the function " + function.name +
                ": its principal or its conditions have no property here."
            );
            return;
        }
        const std::string& function_id = function_ids_.at(function.arn());
        const std::string id = logical_id(function_id + "-" + sid, "Permission");
        Node properties = object(
            {{"Action", Node::scalar(text_at(statement, "Action"))},
             {"FunctionName", ref_to(function_id)},
             {"Principal", portable(who)}}
        );
        if (!source_arn.empty()) {
            properties.set("SourceArn", source(source_arn));
        }
        if (!source_account.empty()) {
            properties.set("SourceAccount", portable(source_account));
        }
        if (who == "s3.amazonaws.com") {
            s3_permissions_[function.arn()].push_back(id);
        }
        resources_.set(
            id,
            resource(
                "AWS::Lambda::Permission",
                object({{"Id", Node::scalar(sid)}}),
                std::move(properties)
            )
        );
    }

    // An API of the template by its logical id: on AWS it gets another id.
    Node source(const std::string& arn) const {
        for (const auto& [api_id, id] : api_ids_) {
            const std::string mine =
                "arn:aws:execute-api:" + region_ + ":" + account_ + ":" + api_id + "/";
            if (arn.starts_with(mine)) {
                std::string rest = arn.substr(mine.size());
                replace_all(rest, "${", "${!");
                return sub(
                    "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${" + id + "}/" + rest
                );
            }
        }
        return portable(arn);
    }

    // --- API Gateway

    void add_api(const store::HttpApi& row) {
        const auto api = apigateway::parse_api(row);
        if (!api) {
            return;
        }
        const apigateway::ApiModel& model = api->model;
        const std::string id = logical_id(row.name, "Api");
        api_ids_.emplace(row.api_id, id);
        Node properties =
            object({{"Name", Node::scalar(row.name)}, {"ProtocolType", Node::scalar("HTTP")}});
        if (model.cors) {
            properties.set("CorsConfiguration", cors_of(*model.cors));
        }
        if (model.disable_execute_api_endpoint) {
            properties.set("DisableExecuteApiEndpoint", boolean(true));
        }
        set_text(properties, "Description", model.description);
        set_text(properties, "Version", model.version);
        if (!model.tags.empty()) {
            properties.set("Tags", text_map(model.tags));
        }
        resources_.set(
            id,
            resource(
                "AWS::ApiGatewayV2::Api",
                object({{"Id", Node::scalar(row.api_id)}}),
                std::move(properties)
            )
        );
        std::map<std::string, std::string> authorizers;
        for (const auto& authorizer : model.current.authorizers) {
            const std::string part = logical_id(id + "-" + authorizer.name, "Authorizer");
            authorizers.emplace(authorizer.id, part);
            add_authorizer(id, part, authorizer);
        }
        std::map<std::string, std::string> targets;
        for (const auto& integration : model.current.integrations) {
            const std::string part = logical_id(id, "Integration");
            targets.emplace("integrations/" + integration.id, part);
            add_integration(id, part, integration);
        }
        std::vector<std::string> routes;
        for (const auto& route : model.current.routes) {
            routes.push_back(add_route(id, route, targets, authorizers));
        }
        for (const auto& stage : model.stages) {
            add_stage(id, row.name, stage, model.current, routes);
        }
    }

    static Node texts(const std::vector<std::string>& values) {
        Node out = Node::list({});
        for (const std::string& value : values) {
            out.items.push_back(Node::scalar(value));
        }
        return out;
    }

    static Node cors_of(const apigateway::CorsConfiguration& cors) {
        Node out = Node::map();
        if (cors.allow_credentials) {
            out.set("AllowCredentials", boolean(true));
        }
        const std::array<std::pair<std::string_view, const std::vector<std::string>*>, 4> lists{{
            {"AllowHeaders", &cors.allow_headers},
            {"AllowMethods", &cors.allow_methods},
            {"AllowOrigins", &cors.allow_origins},
            {"ExposeHeaders", &cors.expose_headers},
        }};
        for (const auto& [name, values] : lists) {
            if (!values->empty()) {
                out.set(name, texts(*values));
            }
        }
        if (cors.max_age) {
            out.set("MaxAge", number(*cors.max_age));
        }
        return out;
    }

    static void set_text(Node& properties, std::string_view name, const std::string& text) {
        if (!text.empty()) {
            properties.set(name, Node::scalar(text));
        }
    }

    void add_authorizer(
        const std::string& api, const std::string& id, const apigateway::Authorizer& authorizer
    ) {
        Node properties = object(
            {{"ApiId", ref_to(api)},
             {"Name", Node::scalar(authorizer.name)},
             {"AuthorizerType", Node::scalar(authorizer.type)},
             {"IdentitySource", texts(authorizer.identity_sources)},
             {"JwtConfiguration",
              object(
                  {{"Audience", texts(authorizer.audience)},
                   {"Issuer", Node::scalar(authorizer.issuer)}}
              )}}
        );
        resources_.set(
            id,
            resource(
                "AWS::ApiGatewayV2::Authorizer",
                object({{"Id", Node::scalar(authorizer.id)}}),
                std::move(properties)
            )
        );
    }

    static Node throttling(const apigateway::RouteSettings& settings) {
        Node out = Node::map();
        if (settings.burst) {
            out.set("ThrottlingBurstLimit", number(*settings.burst));
        }
        if (settings.rate) {
            out.set("ThrottlingRateLimit", real(*settings.rate));
        }
        if (settings.detailed_metrics) {
            out.set("DetailedMetricsEnabled", boolean(true));
        }
        return out;
    }

    void add_stage_settings(
        const std::string& api_name, const apigateway::Stage& stage, Node& properties
    ) {
        set_text(properties, "Description", stage.description);
        if (Node defaults = throttling(stage.default_settings); !defaults.names.empty()) {
            properties.set("DefaultRouteSettings", std::move(defaults));
        }
        Node routes = Node::map();
        for (const auto& [key, settings] : stage.route_settings) {
            routes.set(key, throttling(settings));
        }
        if (!routes.names.empty()) {
            properties.set("RouteSettings", std::move(routes));
        }
        if (!stage.tags.empty()) {
            properties.set("Tags", text_map(stage.tags));
        }
        if (!stage.access_log_destination.empty()) {
            note("The access log of the stage " + stage.name + " of the API " + api_name + ".");
        }
    }

    void add_integration(
        const std::string& api, const std::string& id, const apigateway::Integration& integration
    ) {
        Node properties = object(
            {{"ApiId", ref_to(api)},
             {"IntegrationType", Node::scalar(integration.type)},
             {"IntegrationUri", function_arn(integration.uri)},
             {"PayloadFormatVersion", Node::scalar(integration.payload_format_version)}}
        );
        set_text(properties, "Description", integration.description);
        if (integration.timeout_in_millis != 30000) {
            properties.set("TimeoutInMillis", number(integration.timeout_in_millis));
        }
        resources_.set(
            id,
            resource(
                "AWS::ApiGatewayV2::Integration",
                object({{"Id", Node::scalar(integration.id)}}),
                std::move(properties)
            )
        );
    }

    // Gives its logical id.
    std::string add_route(
        const std::string& api,
        const apigateway::Route& route,
        const std::map<std::string, std::string>& targets,
        const std::map<std::string, std::string>& authorizers
    ) {
        Node properties = object({{"ApiId", ref_to(api)}, {"RouteKey", Node::scalar(route.key)}});
        if (const auto target = targets.find(route.target); target != targets.end()) {
            properties.set("Target", sub("integrations/${" + target->second + "}"));
        }
        if (route.authorization_type != "NONE") {
            properties.set("AuthorizationType", Node::scalar(route.authorization_type));
        }
        if (const auto who = authorizers.find(route.authorizer_id); who != authorizers.end()) {
            properties.set("AuthorizerId", ref_to(who->second));
        }
        if (!route.authorization_scopes.empty()) {
            properties.set("AuthorizationScopes", texts(route.authorization_scopes));
        }
        set_text(properties, "OperationName", route.operation_name);
        std::string name = route.key;
        if (const std::size_t space = name.find(' '); space != std::string::npos) {
            name = to_lower(name.substr(0, space)) + name.substr(space);
        }
        const std::string id = logical_id(api + "-" + name, "Route");
        resources_.set(
            id,
            resource(
                "AWS::ApiGatewayV2::Route",
                object({{"Id", Node::scalar(route.id)}}),
                std::move(properties)
            )
        );
        return id;
    }

    // A stage that is deployed to by hand, with what the API has now: a template holds one state.
    void add_deployment(
        const std::string& api,
        const std::string& api_name,
        const apigateway::Stage& stage,
        const apigateway::Snapshot& current,
        const std::vector<std::string>& routes,
        Node& properties
    ) {
        const auto text_of = [](const apigateway::Snapshot& snapshot) {
            apigateway::ApiModel model;
            model.current = snapshot;
            return apigateway::to_json(model);
        };
        if (stage.deployed.routes.empty()) {
            return; // nothing was deployed yet
        }
        if (text_of(stage.deployed) != text_of(current)) {
            note(
                "What is deployed to the stage " + stage.name + " of the API " + api_name +
                ": the API has been changed since."
            );
            return;
        }
        const std::string id = logical_id(api + "-" + stage.name, "Deployment");
        Node deployment = resource(
            "AWS::ApiGatewayV2::Deployment", Node::map(), object({{"ApiId", ref_to(api)}})
        );
        deployment.set("DependsOn", texts(routes));
        resources_.set(id, std::move(deployment));
        properties.set("DeploymentId", ref_to(id));
    }

    void add_stage(
        const std::string& api,
        const std::string& api_name,
        const apigateway::Stage& stage,
        const apigateway::Snapshot& current,
        const std::vector<std::string>& routes
    ) {
        Node properties = object(
            {{"ApiId", ref_to(api)},
             {"StageName", Node::scalar(stage.name)},
             {"AutoDeploy", boolean(stage.auto_deploy)}}
        );
        if (!stage.variables.empty()) {
            properties.set("StageVariables", text_map(stage.variables));
        }
        add_stage_settings(api_name, stage, properties);
        if (!stage.auto_deploy) {
            add_deployment(api, api_name, stage, current, routes, properties);
        }
        resources_.set(
            logical_id(api + "-" + stage.name, "Stage"),
            resource("AWS::ApiGatewayV2::Stage", Node::map(), std::move(properties))
        );
        outputs_.set(
            logical_id(api + "-" + stage.name, "Url"),
            object(
                {{"Value",
                  sub("https://${" + api + "}.execute-api.${AWS::Region}.${AWS::URLSuffix}" +
                      (stage.name == "$default" ? "" : "/" + stage.name))}}
            )
        );
    }

    // --- S3

    void add_bucket(const store::Bucket& bucket) {
        const std::string id = logical_id(bucket.name, "Bucket");
        Node metadata = Node::map();
        if (Node folders = folders_of(bucket); !folders.items.empty()) {
            metadata.set("Folders", std::move(folders));
        }
        Node properties = object({{"BucketName", Node::scalar(bucket.name)}});
        std::set<std::string> waits_for;
        add_notification(bucket, metadata, properties, waits_for);
        for (const auto& [name, text] : bucket.settings) {
            if (name == "versioning") {
                properties.set("VersioningConfiguration", object({{"Status", Node::scalar(text)}}));
            } else if (name == s3::kCorsSetting) {
                properties.set("CorsConfiguration", cors_rules(text));
            } else if (name != "constraint") {
                note("The " + name + " configuration of the bucket " + bucket.name + ".");
            }
        }
        Node out = resource("AWS::S3::Bucket", std::move(metadata), std::move(properties));
        if (!waits_for.empty()) {
            out.set(
                "DependsOn", texts(std::vector<std::string>(waits_for.begin(), waits_for.end()))
            );
        }
        resources_.set(id, std::move(out));
        if (!bucket.policy.empty()) {
            resources_.set(
                logical_id(id, "Policy"),
                resource(
                    "AWS::S3::BucketPolicy",
                    Node::map(),
                    object({{"Bucket", ref_to(id)}, {"PolicyDocument", document(bucket.policy)}})
                )
            );
        }
    }

    // Empty objects whose key ends at its first slash.
    Node folders_of(const store::Bucket& bucket) const {
        Node out = Node::list({});
        int looked_at = 0;
        tx_.scan_objects(bucket.id, "", [&](const store::Object& object) {
            if (++looked_at > kKeysLookedAt) {
                return store::ScanStep::stop();
            }
            const std::size_t slash = object.key.find('/');
            if (slash == std::string::npos) {
                return store::ScanStep::next();
            }
            if (slash + 1 == object.key.size() && object.size == 0 && is_valid_utf8(object.key)) {
                out.items.push_back(Node::scalar(object.key));
            }
            return store::ScanStep::to(object.key.substr(0, slash) + '0'); // '0' follows '/'
        });
        return out;
    }

    void add_notification(
        const store::Bucket& bucket,
        Node& metadata,
        Node& properties,
        std::set<std::string>& waits_for
    ) {
        const auto config = s3::parse_notification_config(bucket.notification);
        if (bucket.notification.empty() || !config) {
            return;
        }
        Node ids = Node::list({});
        Node configurations = Node::list({});
        for (const auto& rule : config->rules) {
            if (rule.kind != s3::DestinationKind::Function) {
                note("The notification " + rule.id + " of the bucket " + bucket.name + ".");
                continue;
            }
            if (const auto found = s3_permissions_.find(rule.arn); found != s3_permissions_.end()) {
                waits_for.insert(found->second.begin(), found->second.end());
            }
            // CloudFormation has one event a configuration.
            for (std::size_t i = 0; i < rule.events.size(); ++i) {
                ids.items.push_back(
                    Node::scalar(i == 0 ? rule.id : rule.id + "-" + std::to_string(i + 1))
                );
                configurations.items.push_back(configuration_of(rule, rule.events[i]));
            }
        }
        if (!configurations.items.empty()) {
            metadata.set("NotificationIds", std::move(ids));
            properties.set(
                "NotificationConfiguration",
                object({{"LambdaConfigurations", std::move(configurations)}})
            );
        }
    }

    Node configuration_of(const s3::NotificationRule& rule, const std::string& event) const {
        Node out = object({{"Event", Node::scalar(event)}, {"Function", function_arn(rule.arn)}});
        Node rules = Node::list({});
        for (const auto& filter : rule.filter) {
            rules.items.push_back(object(
                {{"Name", Node::scalar(to_lower(filter.name))},
                 {"Value", Node::scalar(filter.value)}}
            ));
        }
        if (!rules.items.empty()) {
            out.set("Filter", object({{"S3Key", object({{"Rules", std::move(rules)}})}}));
        }
        return out;
    }

    static Node cors_rules(std::string_view document) {
        Node rules = Node::list({});
        const auto parsed = s3::parse_cors(document);
        for (const auto& rule : parsed ? *parsed : std::vector<s3::CorsRule>{}) {
            Node out = Node::map();
            if (rule.id) {
                out.set("Id", Node::scalar(*rule.id));
            }
            const std::array<std::pair<std::string_view, const std::vector<std::string>*>, 4> lists{
                {
                    {"AllowedHeaders", &rule.headers},
                    {"AllowedMethods", &rule.methods},
                    {"AllowedOrigins", &rule.origins},
                    {"ExposedHeaders", &rule.exposed},
                }};
            for (const auto& [name, values] : lists) {
                if (!values->empty()) {
                    out.set(name, texts(*values));
                }
            }
            if (rule.max_age) {
                out.set("MaxAge", number(*rule.max_age));
            }
            rules.items.push_back(std::move(out));
        }
        return object({{"CorsRules", std::move(rules)}});
    }

    Export finish() {
        Node root = object(
            {{"AWSTemplateFormatVersion", Node::scalar("2010-09-09")},
             {"Transform", Node::scalar("AWS::Serverless-2016-10-31")},
             {"Description", Node::scalar("Written by benchtop export.")}}
        );
        root.set("Resources", std::move(resources_));
        if (!outputs_.names.empty()) {
            root.set("Outputs", std::move(outputs_));
        }
        out_.text = to_yaml(root);
        return std::move(out_);
    }

    const store::ReadTx& tx_;
    std::string account_;
    std::string region_;
    Export out_;
    Node resources_ = Node::map();
    Node outputs_ = Node::map();
    std::set<std::string> ids_;
    std::map<std::string, std::string> policies_;                    // ARN -> logical id
    std::map<std::string, std::string> roles_;                       // ARN -> logical id
    std::map<std::string, std::string> function_ids_;                // ARN -> logical id
    std::map<std::string, std::string> api_ids_;                     // API id -> logical id
    std::map<std::string, std::vector<std::string>> s3_permissions_; // function ARN -> logical ids
    std::vector<store::Function> functions_;
};

} // namespace

Export export_template(const store::ReadTx& tx, std::string_view account, std::string_view region) {
    return Exporter(tx, account, region).run();
}

} // namespace benchtop::stack
