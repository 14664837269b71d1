// CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction.
#include "emulator/core/encoding.hpp"
#include "emulator/lambda/code_location.hpp"
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/function_input.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/tags.hpp"
#include "emulator/lambda/versions.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"
#include "emulator/service/function_settings.hpp"

#include <algorithm>
#include <charconv>

namespace benchtop::lambda {
namespace {

using protocol::JsonInput;

constexpr std::size_t kPageMax = 50; // functions with their configurations
constexpr std::size_t kMaxItems = 10'000;

Result<FunctionName> created_name(const service::Call& call) {
    auto given = JsonInput(call.json).string("FunctionName");
    if (!given) {
        return given.error();
    }
    if (!*given) {
        return validation_failed("1 validation error detected: Value null at 'functionName' failed "
                                 "to satisfy constraint: Member must not be null");
    }
    return parse_function_name(call, **given, "", NameUse::Create);
}

} // namespace

Access access_create_function(const store::ReadTx&, const service::Call& call) {
    const auto name = created_name(call);
    if (!name) {
        return name.error();
    }
    if (name->account != call.account()) {
        return other_account();
    }
    std::vector<service::AccessRequest> requests{
        {"lambda:CreateFunction", name->arn(), name->account, "", {}}};
    add_request_tags(requests.front(), call.json);
    return requests;
}

Result<Response> create_function(store::WriteTx& tx, service::Call& call) {
    const auto name = created_name(call);
    if (!name) {
        return name.error();
    }
    const auto input = read_configuration(call, InputUse::Create);
    if (!input) {
        return input.error();
    }
    const JsonInput json(call.json);
    const auto code_members = json.object("Code");
    const auto publish = json.boolean("Publish");
    const auto tags = read_tags(call.json);
    if (!code_members) {
        return code_members.error();
    }
    if (!publish) {
        return publish.error();
    }
    if (!tags) {
        return tags.error();
    }
    if (*code_members == nullptr) {
        return validation_failed("1 validation error detected: Value null at 'code' failed to "
                                 "satisfy constraint: Member must not be null");
    }
    if (auto passed = check_role(tx, call, *input->role); !passed) {
        return passed.error();
    }
    const auto code = read_code(tx, call, **code_members);
    if (!code) {
        return code.error();
    }
    if (tx.find_function(name->account, name->region, name->name)) {
        return conflict("Function already exist: " + name->name);
    }
    store::Function function;
    function.account = name->account;
    function.region = name->region;
    function.name = name->name;
    function.last_modified = call.context.now;
    Details details;
    details.created_at = details.updated_at = call.context.now;
    details.tags = *tags;
    begin_revision(details, call.context.random, false);
    apply(*input, function, details);
    keep_code(tx, *code, function, details, call.context.random);
    set_details(function, details);
    tx.put_function(function);
    if (publish->value_or(false)) {
        function = publish_latest(tx, function, std::nullopt, call.context);
    }
    return json_answer(201, configuration_json(call.context, function, version_arn(function)));
}

Result<Response> get_function(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto found = require(tx, *name);
    if (!found) {
        return found.error();
    }
    const store::Function& function = found->function;
    protocol::JsonWriter json;
    json.begin_object().key("Code").begin_object();
    if (const std::string location =
            function.code_kind == "zip" ? code_location(call, function) : "";
        !location.empty()) {
        json.member("Location", location);
    }
    json.member("RepositoryType", "S3").end_object();
    const auto latest = tx.find_function(name->account, name->region, name->name);
    const Details details = details_of(*latest);
    const auto reserved =
        service::reserved_concurrency(tx, {name->account, name->region, name->name, ""});
    if (reserved) {
        json.key("Concurrency")
            .begin_object()
            .member("ReservedConcurrentExecutions", std::int64_t{*reserved})
            .end_object();
    }
    json.key("Configuration");
    write_configuration(
        json, call.context, function, name->qualified_arn(), ConfigurationView::Whole
    );
    if (!details.tags.empty()) {
        json.key("Tags");
        write_tags(json, details.tags);
    }
    json.end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> get_function_configuration(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto found = require(tx, *name);
    if (!found) {
        return found.error();
    }
    return json_answer(
        200, configuration_json(call.context, found->function, name->qualified_arn())
    );
}

Result<Response> list_functions(const store::ReadTx& tx, service::Call& call) {
    const Query query = Query::parse(call.head.query());
    const auto page = read_page(query, kPageMax, kMaxItems);
    if (!page) {
        return page.error();
    }
    const auto version = query.find("FunctionVersion");
    if (version && *version != "ALL") {
        Constraints constraints;
        constraints.one_of("functionVersion", *version, "ALL");
        return constraints.check().error();
    }
    const bool all_versions = version.has_value();
    std::vector<store::Function> functions;
    for (store::Function& function : tx.list_functions(call.account())) {
        if (function.region != call.context.region) {
            continue;
        }
        if (all_versions) {
            auto versions =
                tx.list_function_versions(function.account, function.region, function.name);
            std::move(versions.begin(), versions.end(), std::back_inserter(functions));
        } else {
            functions.push_back(std::move(function));
        }
    }
    protocol::JsonWriter json;
    json.begin_object().key("Functions").begin_array();
    const std::size_t end = std::min(functions.size(), page->first + page->count);
    for (std::size_t i = std::min(page->first, end); i < end; ++i) {
        const std::string arn =
            all_versions ? functions[i].arn() + ":" + functions[i].version : functions[i].arn();
        write_configuration(json, call.context, functions[i], arn, ConfigurationView::Listed);
    }
    json.end_array();
    write_next_marker(json, end, functions.size());
    json.end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> delete_function(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (name->qualifier == store::kLatestVersion) {
        return invalid_parameter("$LATEST version cannot be deleted without deleting the function."
        );
    }
    if (!tx.find_function(name->account, name->region, name->name)) {
        return function_not_found(name->arn());
    }
    const auto found = find(tx, *name);
    if ((found && found->alias) || (!found && !is_version(name->qualifier))) {
        return invalid_parameter("Deletion of aliases is not currently supported.");
    }
    if (!found) {
        return no_content(); // a version that is not there (recorded)
    }
    std::vector<store::Function> gone{found->function};
    if (name->qualifier.empty()) {
        gone = tx.list_function_versions(name->account, name->region, name->name);
        tx.delete_function(name->account, name->region, name->name);
        drop_event_invoke_configs(tx, *name);
        tx.delete_document(
            service::reserved_concurrency_space(name->account, name->region), name->name
        );
    } else {
        for (const auto& alias :
             tx.list_function_aliases(name->account, name->region, name->name)) {
            if (alias.version == name->qualifier) {
                // From memory.
                return conflict(
                    "Function version " + name->qualifier + " is referenced by alias " +
                    alias.name + "."
                );
            }
        }
        tx.delete_function(name->account, name->region, name->name, name->qualifier);
        drop_event_invoke_config(tx, *name, name->qualifier);
    }
    for (const store::Function& function : gone) {
        drop_unused_code(tx, function.code_kind, function.code);
    }
    return no_content();
}

} // namespace benchtop::lambda
