// PublishVersion, ListVersionsByFunction.
#include "emulator/lambda/versions.hpp"

#include "emulator/lambda/configuration.hpp"
#include "emulator/lambda/errors.hpp"
#include "emulator/lambda/handlers.hpp"
#include "emulator/lambda/names.hpp"
#include "emulator/lambda/tags.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <algorithm>

namespace benchtop::lambda {
namespace {

constexpr std::size_t kPageMax = 50;
constexpr std::size_t kMaxItems = 10'000;

// A version and $LATEST. The description given with the publication is the version's alone.
bool same_content(const store::Function& a, const store::Function& b) {
    const Details left = details_of(a);
    const Details right = details_of(b);
    return a.code == b.code && a.code_kind == b.code_kind && a.role_arn == b.role_arn &&
           a.runtime == b.runtime && a.handler == b.handler && a.environment == b.environment &&
           a.timeout_s == b.timeout_s && a.memory_mb == b.memory_mb &&
           left.ephemeral_mb == right.ephemeral_mb && left.architecture == right.architecture &&
           left.published_description == right.description;
}

} // namespace

store::Function publish_latest(
    store::WriteTx& tx,
    store::Function latest,
    const std::optional<std::string>& description,
    const service::OpContext& context
) {
    Details details = details_of(latest);
    if (details.next_version > 1) {
        if (auto newest = tx.find_function(
                latest.account, latest.region, latest.name, std::to_string(details.next_version - 1)
            );
            newest && same_content(*newest, latest)) {
            return *std::move(newest);
        }
    }
    store::Function version = latest;
    version.version = std::to_string(details.next_version);
    version.policy.clear();
    version.last_modified = context.now;
    Details published = details;
    published.published_description = details.description;
    if (description) {
        published.description = *description;
    }
    published.tags.clear();
    const Phase phase = phase_of(details, context.axis, context.now);
    if (phase == Phase::Updating) {
        published.created_at = context.now; // new code makes a version that is Pending (recorded)
    }
    begin_revision(published, context.random, true);
    set_details(version, published);
    tx.put_function(version);
    ++details.next_version;
    if (phase == Phase::Settled) {
        begin_revision(details, context.random, true);
    }
    set_details(latest, details);
    tx.put_function(latest);
    return version;
}

Result<Response> publish_version(store::WriteTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto latest = tx.find_function(name->account, name->region, name->name);
    if (!latest) {
        return function_not_found(name->arn());
    }
    const protocol::JsonInput json(call.json);
    const auto description = json.string("Description");
    const auto sha256 = json.string("CodeSha256");
    const auto revision = json.string("RevisionId");
    for (const auto* member : {&description, &sha256, &revision}) {
        if (!*member) {
            return member->error();
        }
    }
    const Details details = details_of(*latest);
    const Phase phase = phase_of(details, call.context.axis, call.context.now);
    if (*sha256 && **sha256 != details.code_sha256) {
        return invalid_parameter(
            "CodeSHA256 (" + **sha256 + ") is different from current CodeSHA256 in $LATEST (" +
            details.code_sha256 + "). Please try again with the CodeSHA256 in $LATEST."
        );
    }
    if (*revision && **revision != current_revision(details, phase)) {
        return stale_revision("GetFunction/GetAlias");
    }
    const store::Function version = publish_latest(tx, *latest, *description, call.context);
    return json_answer(201, configuration_json(call.context, version, version_arn(version)));
}

Result<Response> list_versions(const store::ReadTx& tx, service::Call& call) {
    const auto name = named_function(call);
    if (!name) {
        return name.error();
    }
    const auto page = read_page(Query::parse(call.head.query()), kPageMax, kMaxItems);
    if (!page) {
        return page.error();
    }
    const auto versions = tx.list_function_versions(name->account, name->region, name->name);
    if (versions.empty()) {
        return function_not_found(name->arn());
    }
    protocol::JsonWriter json;
    json.begin_object();
    const std::size_t end = std::min(versions.size(), page->first + page->count);
    write_next_marker(json, end, versions.size());
    json.key("Versions").begin_array();
    for (std::size_t i = std::min(page->first, end); i < end; ++i) {
        write_configuration(
            json,
            call.context,
            versions[i],
            versions[i].arn() + ":" + versions[i].version,
            ConfigurationView::Listed
        );
    }
    json.end_array().end_object();
    return json_answer(200, std::move(json).take());
}

} // namespace benchtop::lambda
