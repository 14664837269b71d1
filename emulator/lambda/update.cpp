// UpdateFunctionCode, UpdateFunctionConfiguration.
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/function_input.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/versions.hpp"
#include "emulator/protocol/json_input.hpp"

namespace benchtop::lambda {
namespace {

// $LATEST of the function named, fit to be changed: nothing is under way, and the revision the
// caller knows is the current one.
Result<store::Function>
changeable(const store::ReadTx& tx, const service::Call& call, const FunctionName& name) {
    auto function = tx.find_function(name.account, name.region, name.name);
    if (!function) {
        return function_not_found(name.arn());
    }
    const Details details = details_of(*function);
    const Phase phase = phase_of(details, call.context.axis, call.context.now);
    const auto revision = protocol::JsonInput(call.json).string("RevisionId");
    if (!revision) {
        return revision.error();
    }
    if (*revision && **revision != current_revision(details, phase)) {
        return stale_revision("GetFunction/GetAlias");
    }
    if (phase == Phase::Creating) {
        return conflict("The operation cannot be performed at this time. The function is currently "
                        "in the following state: Pending");
    }
    if (phase == Phase::Updating) {
        return conflict(
            "The operation cannot be performed at this time. An update is in progress for "
            "resource: " +
            name.arn()
        );
    }
    return *std::move(function);
}

void begin_update(store::Function& function, Details& details, const service::OpContext& context) {
    function.last_modified = context.now;
    details.updated_at = context.now;
    begin_revision(details, context.random, false);
}

} // namespace

Result<Response> update_function_code(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const protocol::JsonInput json(call.json);
    const auto dry_run = json.boolean("DryRun");
    const auto publish = json.boolean("Publish");
    const auto architectures = json.strings("Architectures");
    if (!dry_run) {
        return dry_run.error();
    }
    if (!publish) {
        return publish.error();
    }
    if (!architectures) {
        return architectures.error();
    }
    if (*architectures) {
        Constraints constraints;
        check_architectures(**architectures, constraints);
        if (auto kept = constraints.check(); !kept) {
            return kept.error();
        }
    }
    auto function = changeable(tx, call, *name);
    if (!function) {
        return function.error();
    }
    const auto code = read_code(tx, call, call.json);
    if (!code) {
        return code.error();
    }
    const std::string old_kind = function->code_kind;
    const std::string old_code = function->code;
    Details details = details_of(*function);
    ConfigurationInput input;
    input.architectures = *architectures;
    apply(input, *function, details);
    keep_code(tx, *code, *function, details, call.context.random);
    begin_update(*function, details, call.context);
    set_details(*function, details);
    if (dry_run->value_or(false)) {
        drop_unused_code(tx, function->code_kind, function->code);
        return json_answer(200, configuration_json(call.context, *function, function->arn()));
    }
    tx.put_function(*function);
    drop_unused_code(tx, old_kind, old_code);
    if (publish->value_or(false)) {
        *function = publish_latest(tx, *function, std::nullopt, call.context);
    }
    return json_answer(200, configuration_json(call.context, *function, version_arn(*function)));
}

Result<Response> update_function_configuration(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto input = read_configuration(call, InputUse::Update);
    if (!input) {
        return input.error();
    }
    auto function = changeable(tx, call, *name);
    if (!function) {
        return function.error();
    }
    if (input->role && *input->role != function->role_arn) {
        if (auto passed = check_role(tx, call, *input->role); !passed) {
            return passed.error();
        }
    }
    Details details = details_of(*function);
    apply(*input, *function, details);
    begin_update(*function, details, call.context);
    set_details(*function, details);
    tx.put_function(*function);
    return json_answer(200, configuration_json(call.context, *function, function->arn()));
}

} // namespace benchtop::lambda
