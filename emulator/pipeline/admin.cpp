// /_benchtop/...: what AWS has not, for people and tests: health, the clock, deliveries, function
// logs. JSON in and out; refused when a web page of another origin asks.
#include "emulator/core/duration.hpp"
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/delivery/machine.hpp"
#include "emulator/pipeline/conversation.hpp"
#include "emulator/pipeline/handout_state.hpp"
#include "emulator/pipeline/lifecycle_clock.hpp"
#include "emulator/pipeline/log_delivery.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/stack/constants.hpp"
#include "emulator/stack/export.hpp"

#include <boost/json.hpp>

#include <limits>

namespace benchtop::pipeline {
namespace {

namespace json = boost::json;

constexpr std::size_t kBodyMax = 64 * 1024;
constexpr std::size_t kDeliveriesDefault = 100;
constexpr std::size_t kLogLinesMax = 1000;
constexpr std::size_t kRefusalsDefault = 20;

std::string_view state_name(store::DeliveryState state) {
    switch (state) {
    case store::DeliveryState::Unmatched:
        return "unmatched";
    case store::DeliveryState::Pending:
        return "pending";
    case store::DeliveryState::Done:
        return "done";
    case store::DeliveryState::Dead:
        return "dead";
    }
    return {};
}

// A key may hold bytes that are no UTF-8; JSON cannot.
std::string json_text(std::string_view text) {
    return is_valid_utf8(text) ? std::string(text) : percent_encode(text, SlashRule::Keep);
}

json::object delivery_card(const store::Delivery& d, const TimeAxis& axis, UtcInstant now) {
    json::object card;
    card["id"] = d.id;
    card["state"] = state_name(d.state);
    card["source"] = d.source;
    card["bucket"] = d.bucket;
    card["key"] = json_text(d.key);
    card["event"] = d.event_name;
    card["rule"] = d.rule_id.empty() ? json::value(nullptr) : json::value(d.rule_id);
    card["explanation"] = json_text(d.explanation);
    card["function"] = d.function_arn.empty() ? json::value(nullptr) : json::value(d.function_arn);
    card["requestId"] = d.request_id.empty() ? json::value(nullptr) : json::value(d.request_id);
    card["createdAt"] = to_iso8601_ms(d.created_at);
    card["attempts"] = d.attempts;
    card["lastResult"] = json_text(d.last_result);
    if (d.state == store::DeliveryState::Pending) {
        const auto wait = delivery::until_due(d, axis, now);
        card["dueInMs"] =
            std::max<std::int64_t>(0, std::chrono::duration_cast<milliseconds>(wait).count());
    }
    return card;
}

json::object refusal_card(const Refusal& r) {
    json::object card{
        {"requestId", json_text(r.request_id)},
        {"at", to_iso8601_ms(r.at)},
        {"request", json_text(r.request)}};
    if (r.status != 0) {
        card["status"] = r.status;
    }
    const std::pair<const char*, const std::string&> members[] = {
        {"code", r.code},
        {"message", r.message},
        {"principal", r.principal},
        {"action", r.action},
        {"resource", r.resource},
        {"decision", r.decision},
        {"reason", r.reason},
        {"missingStatement", r.statement},
        {"addTo", r.add_to},
        {"command", r.command},
        {"cause", r.cause},
        {"fix", r.fix}};
    for (const auto& [name, text] : members) {
        if (!text.empty()) {
            card[name] = json_text(text);
        }
    }
    return card;
}

class AdminConversation final : public Conversation {
public:
    AdminConversation(Services& services, const RequestHead& head)
        : services_(services)
        , head_(head)
        , query_(Query::parse(head.query())) {}

    Action begin() override {
        // A page in the class's browser must not turn the clock (DNS rebinding is stopped by the
        // Host check).
        if (head_.headers.has("origin")) {
            return refuse(403, "A web page of another origin may not use /_benchtop/.");
        }
        if (head_.content_length.value_or(0) > 0 || head_.chunked) {
            return ReadBody{kBodyMax};
        }
        return route();
    }

    std::optional<Respond> body(ByteView bytes) override {
        body_.append(bytes);
        return std::nullopt;
    }

    Action body_end() override { return route(); }

    Respond too_large() override { return refuse(413, "The body is larger than 64 KiB."); }

    Respond body_timed_out() override { return refuse(408, "The body did not arrive."); }

    Action committed(store::CommitStatus status) override {
        if (status == store::CommitStatus::Failed) {
            return refuse(500, "The store refused the change.");
        }
        if (advancing_) {
            return next_step();
        }
        if (services_.dispatcher != nullptr) {
            services_.dispatcher->run_due();
        }
        return clock_state();
    }

    Action invoked(std::optional<InvokeOutcome>) override { return refuse(500, "unexpected"); }

private:
    Action route() {
        const std::string_view path = head_.path();
        const bool get = head_.method == "GET" || head_.method == "HEAD";
        if (path == "/_benchtop/health" && get) {
            return answer(200, {{"status", "ok"}});
        }
        if (path == "/_benchtop/ca" && get) {
            return answer(200, {{"file", services_.options.ca_file}});
        }
        if (path == "/_benchtop/clock" && get) {
            return clock_state();
        }
        if (path == "/_benchtop/clock/advance" && head_.method == "POST") {
            return advance();
        }
        if (path == "/_benchtop/deliveries" && get) {
            return deliveries();
        }
        if (path == "/_benchtop/export" && get) {
            return exported();
        }
        constexpr std::string_view code = "/_benchtop/function-code/";
        if (path.starts_with(code) && get) {
            return function_code(path.substr(code.size()));
        }
        if (path == "/_benchtop/refusals" && get) {
            return refusals();
        }
        constexpr std::string_view refusal_of = "/_benchtop/refusals/";
        if (path.starts_with(refusal_of) && get) {
            return one_refusal(path.substr(refusal_of.size()));
        }
        if (path == "/_benchtop/handout/check" && get) {
            return handout_check();
        }
        constexpr std::string_view logs = "/_benchtop/logs/";
        if (path.starts_with(logs) && get) {
            return function_logs(path.substr(logs.size()));
        }
        return refuse(404, "There is no such page under /_benchtop/.");
    }

    Action clock_state() {
        const UtcInstant now = services_.clock.now();
        TimeAxis axis;
        services_.store.read([&](const store::ReadTx& tx) { axis = tx.time_axis(); });
        json::array advances;
        for (const Advance& a : axis.advances()) {
            advances.push_back(
                {{"at", to_iso8601_ms(a.at)},
                 {"seconds", static_cast<double>(a.amount.count()) / 1e6}}
            );
        }
        return answer(
            200,
            {{"now", to_iso8601_ms(now)},
             {"labTime", to_iso8601_ms(axis.to_virtual(now))},
             {"advancedSeconds", static_cast<double>(axis.total().count()) / 1e6},
             {"advances", std::move(advances)}}
        );
    }

    Action advance() {
        boost::system::error_code ec;
        const json::value document = json::parse(body_.text(), ec);
        const auto* object = ec ? nullptr : document.if_object();
        const auto* by = object != nullptr ? object->if_contains("by") : nullptr;
        const auto amount = by != nullptr && by->is_string()
                                ? parse_duration({by->as_string().data(), by->as_string().size()})
                                : std::nullopt;
        if (!amount || amount->count() <= 0) {
            return refuse(
                400, "Send {\"by\": \"301s\"}: a positive number with s, m, h or d, at most 3650d."
            );
        }
        clock_advance_.emplace(services_, *amount);
        return next_step();
    }

    // The answer comes when everything that fell due on the way is done.
    Action next_step() {
        Commit commit;
        commit.job.run = [this](store::WriteTx& tx) {
            advancing_ = clock_advance_->step(tx);
            return true;
        };
        return commit;
    }

    Action deliveries() {
        const auto limit = parse_u64(query_.get("limit")).value_or(kDeliveriesDefault);
        std::vector<store::Delivery> rows;
        TimeAxis axis;
        services_.store.read([&](const store::ReadTx& tx) {
            rows = tx.list_deliveries(
                query_.get("bucket"), query_.get("key"), std::min<std::uint64_t>(limit, 1000)
            );
            axis = tx.time_axis();
        });
        json::array cards;
        const UtcInstant now = services_.clock.now();
        for (const auto& row : rows) {
            cards.push_back(delivery_card(row, axis, now));
        }
        json::object result{{"deliveries", std::move(cards)}};
        if (rows.empty() && query_.has("bucket")) {
            result["explanation"] = why_no_delivery();
        }
        return answer(200, std::move(result));
    }

    // For an object that raised no delivery at all.
    std::string why_no_delivery() {
        std::string why;
        services_.store.read([&](const store::ReadTx& tx) {
            const auto bucket = tx.find_bucket(query_.get("bucket"));
            if (!bucket) {
                why = "There is no such bucket.";
            } else if (bucket->notification.empty()) {
                why =
                    "The bucket has no notification configuration: nobody is told of new objects.";
            } else {
                why = "No object event has been raised here since the trigger exists (files put "
                      "before "
                      "it are not replayed).";
            }
        });
        return why;
    }

    // With ?format=text as people read it.
    Action handout_check() {
        tutor::LabFacts facts;
        services_.store.read([&](const store::ReadTx& tx) {
            facts = read_handout_state(
                tx, services_.logs, stack::kLabAccount, stack::kLabRegion, query_.get("bucket")
            );
        });
        const tutor::HandoutReport report = tutor::check_handout(facts);
        const std::string text = json_text(tutor::render_text(report));
        if (query_.get("format") == "text") {
            return answer_text(text);
        }
        json::array steps;
        for (const auto& step : report.steps) {
            json::array findings;
            for (const auto& finding : step.findings) {
                findings.push_back(
                    {{"rule", finding.rule},
                     {"what", json_text(finding.what)},
                     {"fix", json_text(finding.fix)}}
                );
            }
            steps.push_back(
                {{"part", step.part},
                 {"step", step.name},
                 {"title", step.title},
                 {"state", tutor::state_name(step.state)},
                 {"findings", std::move(findings)}}
            );
        }
        return answer(
            200,
            {{"done", report.done()},
             {"bucket", json_text(report.bucket)},
             {"steps", std::move(steps)},
             {"text", text}}
        );
    }

    Action refusals() {
        const auto limit = parse_u64(query_.get("limit")).value_or(kRefusalsDefault);
        json::array items;
        for (const auto& refusal : services_.refusals->newest(limit)) {
            items.push_back(refusal_card(refusal));
        }
        return answer(200, {{"refusals", std::move(items)}, {"kept", Refusals::kKept}});
    }

    Action one_refusal(std::string_view encoded_id) {
        const auto id = percent_decode(encoded_id, PlusRule::Literal);
        const auto refusal = id ? services_.refusals->find(*id) : std::nullopt;
        if (!refusal) {
            return refuse(
                404,
                "No refused request has the id " + json_text(id.value_or(std::string(encoded_id))) +
                    ". The last " + std::to_string(Refusals::kKept) +
                    " refusals since the start are known; a request that was let through is not "
                    "among them."
            );
        }
        return answer(200, refusal_card(*refusal));
    }

    Action function_logs(std::string_view name) {
        const auto after = parse_u64(query_.get("after")).value_or(0);
        json::array lines;
        std::uint64_t last = after;
        for (const auto& line : services_.logs.read(name, after, kLogLinesMax)) {
            last = line.number;
            lines.push_back(
                {{"number", line.number},
                 {"at", to_iso8601_ms(line.at)},
                 {"text", json_text(line.text)}}
            );
        }
        std::optional<std::string> why;
        if (const auto source = services_.logs.newest_source(name)) {
            services_.store.read([&](const store::ReadTx& tx) {
                why = why_not_in_cloudwatch(tx, *source, services_.clock.now());
            });
        }
        return answer(
            200,
            {{"lines", std::move(lines)},
             {"last", last},
             {"cloudWatch", why ? json::value(*why) : json::value(nullptr)}}
        );
    }

    // The lab as a template; the archives it names are had one by one.
    Action exported() {
        stack::Export out;
        services_.store.read([&](const store::ReadTx& tx) {
            out = stack::export_template(tx, stack::kLabAccount, stack::kLabRegion);
        });
        json::array code;
        for (const auto& one : out.code) {
            code.push_back({{"path", one.path}, {"sha256", one.sha256}, {"plugin", one.plugin}});
        }
        return answer(
            200,
            {{"template", out.text},
             {"code", std::move(code)},
             {"notes", json::array(out.notes.begin(), out.notes.end())}}
        );
    }

    Action function_code(std::string_view sha256) {
        std::optional<std::string> zip;
        services_.store.read([&](const store::ReadTx& tx) {
            zip = tx.find_document(store::kFunctionCodeSpace, sha256);
        });
        if (!zip) {
            return refuse(404, "There is no function with this code.");
        }
        Response response;
        response.headers.add("Content-Type", "application/zip");
        response.is_head = head_.method == "HEAD";
        response.head_length = zip->size();
        response.body = *std::move(zip);
        return Respond{std::move(response)};
    }

    Respond answer(int status, json::object document) {
        return answer(status, "application/json", json::serialize(document) + '\n');
    }

    Respond answer_text(std::string text) {
        return answer(200, "text/plain; charset=utf-8", std::move(text));
    }

    Respond answer(int status, std::string_view content_type, std::string text) {
        Response response;
        response.status = status;
        response.headers.add("Content-Type", content_type);
        response.is_head = head_.method == "HEAD";
        response.head_length = text.size();
        response.body = std::move(text);
        return Respond{std::move(response)};
    }

    Respond refuse(int status, std::string_view message) {
        return answer(status, {{"message", message}});
    }

    Services& services_;
    const RequestHead& head_;
    Query query_;
    CollectedBody body_;
    std::optional<ClockAdvance> clock_advance_;
    bool advancing_ = false;
};

} // namespace

std::unique_ptr<Conversation> make_admin_conversation(Services& services, const RequestHead& head) {
    return std::make_unique<AdminConversation>(services, head);
}

} // namespace benchtop::pipeline
