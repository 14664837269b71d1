// Reserved concurrency, tags, account settings: the small operations.
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"
#include "emulator/lambda/tags.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/service/function_settings.hpp"

#include <algorithm>

namespace benchtop::lambda {
namespace {

constexpr int kAccountConcurrency = 1000;
constexpr int kUnreservedMin = 100;

Result<store::Function> latest_of(const store::ReadTx& tx, const FunctionName& name) {
    auto function = tx.find_function(name.account, name.region, name.name);
    if (!function) {
        return function_not_found(name.arn());
    }
    return *std::move(function);
}

service::FunctionRef ref_of(const FunctionName& name) {
    return {name.account, name.region, name.name, ""};
}

int reserved_by_others(
    const store::ReadTx& tx,
    const std::string& account,
    std::string_view region,
    std::string_view but
) {
    int sum = 0;
    for (const auto& function : tx.list_functions(account)) {
        if (function.region == region && function.name != but) {
            sum += service::reserved_concurrency(tx, {account, function.region, function.name, ""})
                       .value_or(0);
        }
    }
    return sum;
}

constexpr std::string_view kResourcePattern =
    R"(arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+))";

// Tags are of functions alone: nothing else that can have some exists here.
Result<FunctionName> tagged_function(const service::Call& call) {
    const std::string& arn = call.labels.at(0);
    const auto parts = service::parse_function_ref(arn);
    const bool shaped = parts && is_arn(arn) && is_region(parts->region) &&
                        parts->account.size() == 12 && is_identifier(parts->name) &&
                        (parts->qualifier.empty() || parts->qualifier == store::kLatestVersion ||
                         is_identifier(parts->qualifier));
    if (!shaped) {
        Constraints constraints;
        constraints.pattern("resource", arn, false, kResourcePattern);
        return constraints.check().error();
    }
    auto name = parse_function_name(call, arn, "", NameUse::Other);
    if (name && !name->qualifier.empty()) {
        return invalid_parameter("Tags on function aliases and versions are not supported. Please "
                                 "specify a function ARN.");
    }
    return name;
}

} // namespace

Result<Response> put_concurrency(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (!name->qualifier.empty()) {
        return invalid_parameter("This operation is permitted on Lambda functions only. Aliases "
                                 "and versions do not support this operation. Please specify "
                                 "either a function name or an unqualified function ARN.");
    }
    const auto wanted = protocol::JsonInput(call.json).integer("ReservedConcurrentExecutions");
    if (!wanted) {
        return wanted.error();
    }
    Constraints constraints;
    constraints.required("reservedConcurrentExecutions", wanted->has_value());
    if (*wanted) {
        constraints.range("reservedConcurrentExecutions", **wanted, 0, INT32_MAX);
    }
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (!tx.find_function(name->account, name->region, name->name)) {
        return function_not_found(name->arn() + ":$LATEST");
    }
    const int others = reserved_by_others(tx, name->account, name->region, name->name);
    if (**wanted > kAccountConcurrency - kUnreservedMin - others) {
        return AwsError( // without a Type (recorded)
            400,
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100]."
        );
    }
    tx.put_document(
        service::reserved_concurrency_space(name->account, name->region),
        name->name,
        std::to_string(**wanted)
    );
    protocol::JsonWriter json;
    json.begin_object().member("ReservedConcurrentExecutions", **wanted).end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> get_concurrency(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto function = latest_of(tx, *name);
    if (!function) {
        return function.error();
    }
    protocol::JsonWriter json;
    json.begin_object();
    if (const auto reserved = service::reserved_concurrency(tx, ref_of(*name))) {
        json.member("ReservedConcurrentExecutions", std::int64_t{*reserved});
    }
    json.end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> delete_concurrency(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (auto function = latest_of(tx, *name); !function) {
        return function.error();
    }
    tx.delete_document(
        service::reserved_concurrency_space(name->account, name->region), name->name
    );
    return no_content();
}

Access access_tags(const store::ReadTx& tx, const service::Call& call, std::string_view action) {
    const auto name = tagged_function(call);
    if (!name) {
        return name.error();
    }
    service::AccessRequest request{std::string(action), name->arn(), name->account, "", {}};
    add_request_tags(request, call.json);
    const Query query = Query::parse(call.head.query());
    for (const auto& parameter : query.parameters()) {
        if (parameter.name == "tagKeys") {
            request.conditions.emplace_back("aws:TagKeys", parameter.value);
        }
    }
    if (const auto function = tx.find_function(name->account, name->region, name->name)) {
        add_resource_tags(request, details_of(*function).tags);
    }
    return std::vector{std::move(request)};
}

Result<Response> tag_resource(store::WriteTx& tx, service::Call& call) {
    const auto name = tagged_function(call);
    if (!name) {
        return name.error();
    }
    auto function = latest_of(tx, *name);
    if (!function) {
        return function.error();
    }
    const auto added = read_tags(call.json);
    if (!added) {
        return added.error();
    }
    if (added->empty()) {
        return invalid_parameter("An error occurred and the request cannot be processed.");
    }
    Details details = details_of(*function);
    for (const auto& tag : *added) {
        std::erase_if(details.tags, [&](const auto& old) { return old.first == tag.first; });
        details.tags.push_back(tag);
    }
    if (details.tags.size() > kTagsMax) {
        return invalid_parameter("Number of tags exceeds resource tag limit.");
    }
    set_details(*function, details);
    tx.put_function(*function);
    return no_content();
}

Result<Response> untag_resource(store::WriteTx& tx, service::Call& call) {
    const auto name = tagged_function(call);
    if (!name) {
        return name.error();
    }
    auto function = latest_of(tx, *name);
    if (!function) {
        return function.error();
    }
    std::vector<std::string> keys;
    const Query query = Query::parse(call.head.query());
    for (const auto& parameter : query.parameters()) {
        if (parameter.name == "tagKeys") {
            keys.push_back(parameter.value);
        }
    }
    if (keys.empty()) {
        return validation_failed("1 validation error detected: Value null at 'tagKeys' failed to "
                                 "satisfy constraint: Member must not be null");
    }
    Details details = details_of(*function);
    std::erase_if(details.tags, [&](const auto& tag) {
        return std::find(keys.begin(), keys.end(), tag.first) != keys.end();
    });
    set_details(*function, details);
    tx.put_function(*function);
    return no_content();
}

Result<Response> list_tags(const store::ReadTx& tx, service::Call& call) {
    const auto name = tagged_function(call);
    if (!name) {
        return name.error();
    }
    const auto function = latest_of(tx, *name);
    if (!function) {
        return function.error();
    }
    protocol::JsonWriter json;
    json.begin_object().key("Tags");
    write_tags(json, details_of(*function).tags);
    json.end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> get_account_settings(const store::ReadTx& tx, service::Call& call) {
    std::int64_t code_size = 0;
    std::int64_t count = 0;
    for (const auto& function : tx.list_functions(call.account())) {
        if (function.region == call.context.region) {
            code_size += static_cast<std::int64_t>(details_of(function).code_size);
            ++count;
        }
    }
    const int reserved = reserved_by_others(tx, call.account(), call.context.region, "");
    protocol::JsonWriter json;
    json.begin_object()
        .key("AccountLimit")
        .begin_object()
        .member("CodeSizeUnzipped", std::int64_t{262144000})
        .member("CodeSizeZipped", std::int64_t{52428800})
        .member("ConcurrentExecutions", std::int64_t{kAccountConcurrency})
        .member("TotalCodeSize", std::int64_t{80530636800})
        .member("UnreservedConcurrentExecutions", std::int64_t{kAccountConcurrency - reserved})
        .end_object()
        .key("AccountUsage")
        .begin_object()
        .member("FunctionCount", count)
        .member("TotalCodeSize", code_size)
        .end_object()
        .end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> get_code_signing_config(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (auto function = latest_of(tx, *name); !function) {
        return function.error();
    }
    protocol::JsonWriter json;
    json.begin_object().member("FunctionName", name->name).end_object();
    return json_answer(200, std::move(json).take());
}

} // namespace benchtop::lambda
