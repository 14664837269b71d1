// CreateAlias, GetAlias, ListAliases, UpdateAlias, DeleteAlias.
#include "emulator/core/ids.hpp"
#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/constraints.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"
#include "emulator/lambda/tags.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kPageMax = 50;
constexpr std::size_t kMaxItems = 10'000;

std::string alias_arn(const store::FunctionAlias& alias) {
    return "arn:aws:lambda:" + alias.region + ":" + alias.account + ":function:" + alias.function +
           ":" + alias.name;
}

void write_alias(protocol::JsonWriter& json, const store::FunctionAlias& alias) {
    const AliasDetails details = details_of(alias);
    json.begin_object()
        .member("AliasArn", alias_arn(alias))
        .member("Description", details.description)
        .member("FunctionVersion", alias.version)
        .member("Name", alias.name)
        .member("RevisionId", details.revision)
        .end_object();
}

Response alias_answer(int status, const store::FunctionAlias& alias) {
    protocol::JsonWriter json;
    write_alias(json, alias);
    return json_answer(status, std::move(json).take());
}

Result<void>
check_version(const store::ReadTx& tx, const FunctionName& name, const std::string& version) {
    if (!tx.find_function(name.account, name.region, name.name, version)) {
        return function_not_found(name.arn() + ":" + version);
    }
    return {};
}

// AWS prints a weight as Java prints a double.
std::string weight_text(double weight) {
    std::string text = fmt::format("{}", weight);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

void check_weight(std::string_view version, double weight, Constraints& constraints) {
    constexpr std::string_view member = "routingConfig.additionalVersionWeights";
    const std::string shown = "'{" + std::string(version) + "=" + weight_text(weight) + "}'";
    if (!is_version(version)) {
        constraints.broken(
            member,
            shown,
            "Map keys must satisfy constraint: [Member must have length less than or equal to "
            "1024, Member must have length greater than or equal to 1, Member must satisfy regular "
            "expression pattern: [0-9]+]"
        );
    }
    if (!(weight >= 0.0 && weight <= 1.0)) {
        constraints.broken(
            member,
            shown,
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
            "Member must have value greater than or equal to 0.0, Member must not be null]"
        );
    }
}

// Weighted routing is not built: what AWS refuses is refused in its words, the rest in ours. An
// empty one changes nothing.
Result<void> check_routing(
    const store::ReadTx& tx,
    const service::Call& call,
    const FunctionName& name,
    std::string_view version
) {
    const auto routing = protocol::JsonInput(call.json).object("RoutingConfig");
    if (!routing) {
        return routing.error();
    }
    if (*routing == nullptr) {
        return {};
    }
    const auto weights = protocol::JsonInput(**routing).object("AdditionalVersionWeights");
    if (!weights) {
        return weights.error();
    }
    if (*weights == nullptr || (*weights)->empty()) {
        return {};
    }
    Constraints constraints;
    for (const auto& [other, weight] : **weights) {
        const auto number = protocol::JsonInput(**weights).number(other);
        if (!number) {
            return number.error();
        }
        check_weight(other, number->value_or(-1), constraints);
    }
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if ((*weights)->size() > 1) {
        return invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater "
                                 "than 1");
    }
    const std::string other((*weights)->begin()->key());
    if (other == version) {
        return invalid_parameter(
            "Invalid function version " + other + ". Function version " + other +
            " is already included in routing configuration."
        );
    }
    if (version == store::kLatestVersion) {
        return AwsError(
            400,
            "InvalidParameterValueException",
            "$LATEST is not supported for an alias pointing to more than 1 version"
        );
    }
    if (auto there = check_version(tx, name, other); !there) {
        return there.error();
    }
    return invalid_parameter("Benchtop does not shift traffic between versions: leave "
                             "RoutingConfig out here.");
}

} // namespace

Result<Response> create_alias(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const protocol::JsonInput json(call.json);
    const auto alias_name = json.string("Name");
    const auto version = json.string("FunctionVersion");
    const auto description = json.string("Description");
    for (const auto* member : {&alias_name, &version, &description}) {
        if (!*member) {
            return member->error();
        }
    }
    Constraints constraints;
    constraints.required("name", alias_name->has_value());
    constraints.required("functionVersion", version->has_value());
    if (*alias_name) {
        const bool digits = std::all_of((*alias_name)->begin(), (*alias_name)->end(), [](char c) {
            return c >= '0' && c <= '9';
        });
        constraints.pattern(
            "name",
            **alias_name,
            is_identifier(**alias_name) && !digits,
            R"((?!^[0-9]+$)([a-zA-Z0-9-_]+))"
        );
        constraints.length("name", **alias_name, 128);
    }
    constraints.length("description", description->value_or(""), 256);
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (auto there = check_version(tx, *name, **version); !there) {
        return there.error();
    }
    if (tx.find_function_alias(name->account, name->region, name->name, **alias_name)) {
        return conflict("Alias already exists: " + name->arn() + ":" + **alias_name);
    }
    if (auto supported = check_routing(tx, call, *name, **version); !supported) {
        return supported.error();
    }
    store::FunctionAlias alias{
        name->account, name->region, name->name, **alias_name, **version, "", ""};
    set_details(alias, {description->value_or(""), make_uuid(call.context.random)});
    tx.put_function_alias(alias);
    return alias_answer(201, alias);
}

Result<Response> get_alias(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto alias =
        tx.find_function_alias(name->account, name->region, name->name, call.labels.at(1));
    if (!alias) {
        return alias_not_found(name->arn() + ":" + call.labels.at(1));
    }
    return alias_answer(200, *alias);
}

Result<Response> list_aliases(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const Query query = Query::parse(call.head.query());
    const auto page = read_page(query, kPageMax, kMaxItems);
    if (!page) {
        return page.error();
    }
    if (!tx.find_function(name->account, name->region, name->name)) {
        return function_not_found(name->arn());
    }
    auto aliases = tx.list_function_aliases(name->account, name->region, name->name);
    if (const auto version = query.find("FunctionVersion")) {
        std::erase_if(aliases, [&](const auto& alias) { return alias.version != *version; });
    }
    protocol::JsonWriter json;
    json.begin_object().key("Aliases").begin_array();
    const std::size_t end = std::min(aliases.size(), page->first + page->count);
    for (std::size_t i = std::min(page->first, end); i < end; ++i) {
        write_alias(json, aliases[i]);
    }
    json.end_array();
    write_next_marker(json, end, aliases.size());
    json.end_object();
    return json_answer(200, std::move(json).take());
}

Result<Response> update_alias(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    auto alias = tx.find_function_alias(name->account, name->region, name->name, call.labels.at(1));
    if (!alias) {
        return not_found("Alias not found: " + name->arn() + ":" + call.labels.at(1));
    }
    const protocol::JsonInput json(call.json);
    const auto version = json.string("FunctionVersion");
    const auto description = json.string("Description");
    const auto revision = json.string("RevisionId");
    for (const auto* member : {&version, &description, &revision}) {
        if (!*member) {
            return member->error();
        }
    }
    Constraints constraints;
    constraints.length("description", description->value_or(""), 256);
    if (auto kept = constraints.check(); !kept) {
        return kept.error();
    }
    if (auto supported = check_routing(tx, call, *name, version->value_or(alias->version));
        !supported) {
        return supported.error();
    }
    AliasDetails details = details_of(*alias);
    if (*revision && **revision != details.revision) {
        return stale_revision("GetFunction/GetAlias");
    }
    if (*version) {
        if (auto there = check_version(tx, *name, **version); !there) {
            return there.error();
        }
        alias->version = **version;
    }
    if (*description) {
        details.description = **description;
    }
    details.revision = make_uuid(call.context.random);
    set_details(*alias, details);
    tx.put_function_alias(*alias);
    return alias_answer(200, *alias);
}

Result<Response> delete_alias(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    if (!tx.find_function(name->account, name->region, name->name)) {
        return function_not_found(name->arn());
    }
    // Deleting what is not there is no error (recorded).
    tx.delete_function_alias(name->account, name->region, name->name, call.labels.at(1));
    drop_event_invoke_config(tx, *name, call.labels.at(1));
    return no_content();
}

} // namespace benchtop::lambda
