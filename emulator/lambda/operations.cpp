#include "emulator/lambda/operations.hpp"

#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"

#include <array>

namespace benchtop::lambda {
namespace {

using service::Operation;

constexpr std::size_t kCodeRequestMax = 70167211;
constexpr std::size_t kPayloadMax = 6291456;
constexpr auto kWrite = service::Access::Write;

// The row's action, asked for on the function in the path.
template <const auto& Action>
Access on_function(const store::ReadTx& tx, const service::Call& call) {
    return access_to_function(tx, call, Action);
}

template <const auto& Action>
Access on_tags(const store::ReadTx& tx, const service::Call& call) {
    return access_tags(tx, call, Action);
}

template <const auto& Action>
Access on_all(const store::ReadTx&, const service::Call& call) {
    return access_to_all(call, Action);
}

#define BT_ACTION(name) constexpr char k##name[] = "lambda:" #name
BT_ACTION(GetFunction);
BT_ACTION(GetFunctionConfiguration);
BT_ACTION(ListFunctions);
BT_ACTION(UpdateFunctionCode);
BT_ACTION(UpdateFunctionConfiguration);
BT_ACTION(DeleteFunction);
BT_ACTION(PublishVersion);
BT_ACTION(ListVersionsByFunction);
BT_ACTION(CreateAlias);
BT_ACTION(GetAlias);
BT_ACTION(ListAliases);
BT_ACTION(UpdateAlias);
BT_ACTION(DeleteAlias);
BT_ACTION(AddPermission);
BT_ACTION(GetPolicy);
BT_ACTION(RemovePermission);
BT_ACTION(InvokeFunction);
BT_ACTION(PutFunctionEventInvokeConfig);
BT_ACTION(UpdateFunctionEventInvokeConfig);
BT_ACTION(GetFunctionEventInvokeConfig);
BT_ACTION(DeleteFunctionEventInvokeConfig);
BT_ACTION(ListFunctionEventInvokeConfigs);
BT_ACTION(PutFunctionConcurrency);
BT_ACTION(GetFunctionConcurrency);
BT_ACTION(DeleteFunctionConcurrency);
BT_ACTION(TagResource);
BT_ACTION(UntagResource);
BT_ACTION(ListTags);
BT_ACTION(GetAccountSettings);
BT_ACTION(GetFunctionCodeSigningConfig);
#undef BT_ACTION

constexpr Operation reads(
    std::string_view name,
    std::string_view method,
    std::string_view path,
    std::string_view action,
    decltype(Operation::access_requests) access,
    decltype(Operation::read) read
) {
    Operation row;
    row.name = name;
    row.method = method;
    row.path = path;
    row.iam_action = action;
    row.access_requests = access;
    row.read = read;
    return row;
}

constexpr Operation writes(
    std::string_view name,
    std::string_view method,
    std::string_view path,
    std::string_view action,
    decltype(Operation::access_requests) access,
    decltype(Operation::write) write
) {
    Operation row;
    row.name = name;
    row.method = method;
    row.path = path;
    row.iam_action = action;
    row.access = kWrite;
    row.access_requests = access;
    row.write = write;
    return row;
}

constexpr Operation with_code(Operation row, AwsError (*too_large)()) {
    row.body_max = kCodeRequestMax;
    row.too_large = too_large;
    return row;
}

constexpr Operation invokes(std::string_view type, Operation row) {
    row.name = "Invoke";
    row.method = "POST";
    row.path = "/2015-03-31/functions/{name}/invocations";
    row.iam_action = kInvokeFunction;
    row.selector_header = type.empty() ? "" : "x-amz-invocation-type";
    row.selector_value = type;
    row.access_requests = access_invoke;
    row.body_max = kPayloadMax;
    row.too_large = payload_too_large;
    row.opaque_body = true;
    return row;
}

#define FUNCTION "/2015-03-31/functions/{name}"
#define EVENT_INVOKE_CONFIG "/2019-09-25/functions/{name}/event-invoke-config"

constexpr std::array kOperations{
    with_code(
        writes(
            "CreateFunction",
            "POST",
            "/2015-03-31/functions",
            "lambda:CreateFunction",
            access_create_function,
            create_function
        ),
        create_request_too_large
    ),
    reads("GetFunction", "GET", FUNCTION, kGetFunction, on_function<kGetFunction>, get_function),
    reads(
        "GetFunctionConfiguration",
        "GET",
        FUNCTION "/configuration",
        kGetFunctionConfiguration,
        on_function<kGetFunctionConfiguration>,
        get_function_configuration
    ),
    reads(
        "ListFunctions",
        "GET",
        "/2015-03-31/functions",
        kListFunctions,
        on_all<kListFunctions>,
        list_functions
    ),
    with_code(
        writes(
            "UpdateFunctionCode",
            "PUT",
            FUNCTION "/code",
            kUpdateFunctionCode,
            on_function<kUpdateFunctionCode>,
            update_function_code
        ),
        update_request_too_large
    ),
    writes(
        "UpdateFunctionConfiguration",
        "PUT",
        FUNCTION "/configuration",
        kUpdateFunctionConfiguration,
        on_function<kUpdateFunctionConfiguration>,
        update_function_configuration
    ),
    writes(
        "DeleteFunction",
        "DELETE",
        FUNCTION,
        kDeleteFunction,
        on_function<kDeleteFunction>,
        delete_function
    ),
    invokes(
        "Event",
        [] {
            Operation row;
            row.access = kWrite;
            row.write = invoke_event;
            return row;
        }()
    ),
    invokes(
        "DryRun",
        [] {
            Operation row;
            row.read = invoke_dry_run;
            return row;
        }()
    ),
    invokes(
        "",
        [] {
            Operation row;
            row.invoke = invoke;
            row.finish = answer_invoke;
            return row;
        }()
    ),
    writes(
        "AddPermission",
        "POST",
        FUNCTION "/policy",
        kAddPermission,
        on_function<kAddPermission>,
        add_permission
    ),
    reads("GetPolicy", "GET", FUNCTION "/policy", kGetPolicy, on_function<kGetPolicy>, get_policy),
    writes(
        "RemovePermission",
        "DELETE",
        FUNCTION "/policy/{sid}",
        kRemovePermission,
        on_function<kRemovePermission>,
        remove_permission
    ),
    writes(
        "PublishVersion",
        "POST",
        FUNCTION "/versions",
        kPublishVersion,
        on_function<kPublishVersion>,
        publish_version
    ),
    reads(
        "ListVersionsByFunction",
        "GET",
        FUNCTION "/versions",
        kListVersionsByFunction,
        on_function<kListVersionsByFunction>,
        list_versions
    ),
    writes(
        "CreateAlias",
        "POST",
        FUNCTION "/aliases",
        kCreateAlias,
        on_function<kCreateAlias>,
        create_alias
    ),
    reads(
        "ListAliases",
        "GET",
        FUNCTION "/aliases",
        kListAliases,
        on_function<kListAliases>,
        list_aliases
    ),
    reads(
        "GetAlias", "GET", FUNCTION "/aliases/{alias}", kGetAlias, on_function<kGetAlias>, get_alias
    ),
    writes(
        "UpdateAlias",
        "PUT",
        FUNCTION "/aliases/{alias}",
        kUpdateAlias,
        on_function<kUpdateAlias>,
        update_alias
    ),
    writes(
        "DeleteAlias",
        "DELETE",
        FUNCTION "/aliases/{alias}",
        kDeleteAlias,
        on_function<kDeleteAlias>,
        delete_alias
    ),
    writes(
        "PutFunctionEventInvokeConfig",
        "PUT",
        EVENT_INVOKE_CONFIG,
        kPutFunctionEventInvokeConfig,
        on_function<kPutFunctionEventInvokeConfig>,
        put_event_invoke_config
    ),
    writes(
        "UpdateFunctionEventInvokeConfig",
        "POST",
        EVENT_INVOKE_CONFIG,
        kUpdateFunctionEventInvokeConfig,
        on_function<kUpdateFunctionEventInvokeConfig>,
        update_event_invoke_config
    ),
    reads(
        "GetFunctionEventInvokeConfig",
        "GET",
        EVENT_INVOKE_CONFIG,
        kGetFunctionEventInvokeConfig,
        on_function<kGetFunctionEventInvokeConfig>,
        get_event_invoke_config
    ),
    writes(
        "DeleteFunctionEventInvokeConfig",
        "DELETE",
        EVENT_INVOKE_CONFIG,
        kDeleteFunctionEventInvokeConfig,
        on_function<kDeleteFunctionEventInvokeConfig>,
        delete_event_invoke_config
    ),
    reads(
        "ListFunctionEventInvokeConfigs",
        "GET",
        EVENT_INVOKE_CONFIG "/list",
        kListFunctionEventInvokeConfigs,
        on_function<kListFunctionEventInvokeConfigs>,
        list_event_invoke_configs
    ),
    writes(
        "PutFunctionConcurrency",
        "PUT",
        "/2017-10-31/functions/{name}/concurrency",
        kPutFunctionConcurrency,
        on_function<kPutFunctionConcurrency>,
        put_concurrency
    ),
    reads(
        "GetFunctionConcurrency",
        "GET",
        "/2019-09-30/functions/{name}/concurrency",
        kGetFunctionConcurrency,
        on_function<kGetFunctionConcurrency>,
        get_concurrency
    ),
    writes(
        "DeleteFunctionConcurrency",
        "DELETE",
        "/2017-10-31/functions/{name}/concurrency",
        kDeleteFunctionConcurrency,
        on_function<kDeleteFunctionConcurrency>,
        delete_concurrency
    ),
    writes(
        "TagResource",
        "POST",
        "/2017-03-31/tags/{arn+}",
        kTagResource,
        on_tags<kTagResource>,
        tag_resource
    ),
    writes(
        "UntagResource",
        "DELETE",
        "/2017-03-31/tags/{arn+}",
        kUntagResource,
        on_tags<kUntagResource>,
        untag_resource
    ),
    reads("ListTags", "GET", "/2017-03-31/tags/{arn+}", kListTags, on_tags<kListTags>, list_tags),
    reads(
        "GetAccountSettings",
        "GET",
        "/2016-08-19/account-settings",
        kGetAccountSettings,
        on_all<kGetAccountSettings>,
        get_account_settings
    ),
    reads(
        "GetFunctionCodeSigningConfig",
        "GET",
        "/2020-06-30/functions/{name}/code-signing-config",
        kGetFunctionCodeSigningConfig,
        on_function<kGetFunctionCodeSigningConfig>,
        get_code_signing_config
    ),
};

#undef FUNCTION
#undef EVENT_INVOKE_CONFIG

} // namespace

service::ServiceTable service_table() {
    return {
        .name = "lambda",
        .protocol = service::Protocol::RestJson,
        .operations = kOperations,
    };
}

} // namespace benchtop::lambda
