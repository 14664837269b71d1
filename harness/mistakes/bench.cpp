#include "harness/mistakes/bench.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/encoding.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace benchtop::harness::mistakes {
namespace {

std::string host_of(std::string_view url) {
    url.remove_prefix(url.find("://") + 3);
    return std::string(url.substr(0, url.find_first_of("/?")));
}

std::string command_line(const Curl& call) {
    std::string line = call.method == "GET" && !call.data ? "curl -i" : "curl -i -X " + call.method;
    line += ' ' + (call.shown_url.empty() ? '"' + call.url + '"' : call.shown_url);
    for (const auto& [name, value] : call.headers) {
        line += " -H '" + name + (value.empty() ? ":" : ": ") + value + '\'';
    }
    if (call.data) {
        line += " --data-binary \"" + *call.data + '"';
    }
    return line;
}

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

} // namespace

Curl upload(std::string url, std::string data) {
    Curl call;
    call.method = "PUT";
    call.url = std::move(url);
    call.data = std::move(data);
    return call;
}

Bench::Bench(LabOptions options)
    : lab_(std::move(options)) {}

ClientResponse Bench::curl(std::string action, const Curl& call) {
    ClientRequest request;
    request.method = call.method;
    request.url = call.url;
    request.complete = true;
    request.headers = {
        {"Host", host_of(call.url)}, {"User-Agent", "curl/7.88.1"}, {"Accept", "*/*"}};
    bool typed = false;
    for (const auto& header : call.headers) {
        typed = typed || iequals(header.first, "content-type");
        if (!header.second.empty()) {
            request.headers.push_back(header);
        }
    }
    if (call.data) {
        request.body = *call.data;
        request.headers.emplace_back("Content-Length", std::to_string(call.data->size()));
        if (!typed) {
            request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        }
    }
    ClientResponse response = lab_.send(request);
    story_.steps.push_back(
        {std::move(action), command_line(call), response.request_text, response.response_text, ""}
    );
    return response;
}

ClientResponse Bench::aws(
    std::string action,
    std::string command,
    ClientRequest request,
    const ClientCredentials& who,
    std::string_view region
) {
    ClientResponse response = lab_.send_signed(std::move(request), who, region);
    story_.steps.push_back(
        {std::move(action), std::move(command), response.request_text, response.response_text, ""}
    );
    return response;
}

void Bench::list(std::string action, std::string_view prefix) {
    const std::string& bucket = lab_.stack().buckets.front().name;
    ClientRequest request;
    request.url = std::string(kEndpoint) + '/' + bucket +
                  "?list-type=2&prefix=" + percent_encode(prefix, SlashRule::Encode) +
                  "&delimiter=%2F&encoding-type=url";
    aws(std::move(action),
        "aws s3 ls s3://" + bucket + '/' + std::string(prefix),
        std::move(request),
        Lab::administrator(),
        lab_.stack().region);
}

Presigned Bench::presign() {
    Curl call;
    call.method = "POST";
    call.url = std::string(kApiEndpoint) + "/prod/presign";
    const ClientResponse response = curl("The student asks for an upload URL.", call);
    boost::system::error_code ec;
    const auto document = boost::json::parse(response.body, ec);
    BT_ASSERT(!ec && document.is_object());
    const auto text = [&](std::string_view name) {
        return std::string(document.as_object().at(name).as_string().c_str());
    };
    return {text("uploadUrl"), text("s3Key")};
}

void Bench::wait(std::string action, microseconds amount) {
    lab_.pass(amount);
    say(std::move(action));
}

void Bench::advance(std::string action, seconds amount) {
    lab_.advance(amount);
    story_.steps.push_back(
        {std::move(action),
         fmt::format("benchtop clock advance {}s", amount.count()),
         "",
         "",
         fmt::format("advanced by {} s", amount.count())}
    );
}

void Bench::show_log(std::string action, std::string_view function) {
    std::string text;
    for (const auto& line : lab_.log_of(function)) {
        text += line.text + '\n';
    }
    story_.steps.push_back(
        {std::move(action), "benchtop logs " + std::string(function), "", "", std::move(text)}
    );
}

void Bench::show_deliveries(std::string action) {
    std::string text;
    for (const auto& card : lab_.deliveries()) {
        text += fmt::format(
            "{}  {:<9}  {}  {}/{}\n    {}\n",
            to_iso8601_ms(card.created_at),
            state_name(card.state),
            card.event_name,
            card.bucket,
            card.key,
            card.explanation
        );
        if (card.state != store::DeliveryState::Unmatched) {
            text +=
                fmt::format("    attempts {}, last result: {}\n", card.attempts, card.last_result);
        }
    }
    story_.steps.push_back({std::move(action), "benchtop deliveries", "", "", std::move(text)});
}

void Bench::show_handler(std::string action, std::string_view function, std::string_view method) {
    const auto& all = lab_.handler_exchanges();
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
        if (it->function == function && it->request_text.starts_with(std::string(method) + ' ')) {
            story_.steps.push_back({std::move(action), "", it->request_text, it->response_text, ""}
            );
            return;
        }
    }
    BT_ASSERT(false);
}

Story Bench::finish(std::string_view hint, std::string setup, std::string why, std::string fix) {
    story_.setup = std::move(setup);
    story_.why = std::move(why);
    story_.fix = std::move(fix);
    const std::string mark = '[' + std::string(hint) + ']';
    for (const auto& [level, line] : lab_.log().lines()) {
        if (story_.hint.empty() && level == LogLevel::Hint && line.ends_with(mark)) {
            story_.hint = line;
        }
    }
    return std::move(story_);
}

std::string object_url(std::string_view key) {
    return std::string(kEndpoint) + '/' + std::string(stack::kLabBucket) + '/' + std::string(key);
}

stack::FunctionSpec& function_of(stack::Stack& stack, std::string_view name) {
    for (auto& function : stack.functions) {
        if (function.name == name) {
            return function;
        }
    }
    BT_ASSERT(false);
    return stack.functions.front();
}

void drop_permissions(stack::Stack& stack, std::string_view function) {
    std::erase_if(stack.permissions, [&](const stack::PermissionSpec& permission) {
        return permission.function == function;
    });
}

void drop_statement(stack::Stack& stack, std::string_view role, std::string_view sid) {
    for (auto& spec : stack.roles) {
        if (spec.name != role) {
            continue;
        }
        for (auto& policy : spec.policies) {
            auto document = boost::json::parse(policy.document).as_object();
            boost::json::array kept;
            for (const auto& statement : document.at("Statement").as_array()) {
                if (std::string_view(statement.at("Sid").as_string()) != sid) {
                    kept.push_back(statement);
                }
            }
            if (kept.empty()) {
                spec.policies.clear(); // a policy without a statement is none
                return;
            }
            document["Statement"] = std::move(kept);
            policy.document = boost::json::serialize(document);
        }
    }
}

ClientCredentials credentials_behind(Lab& lab, std::string_view url) {
    const Query query = Query::parse(url.substr(url.find('?') + 1));
    const std::string_view credential = query.get("X-Amz-Credential");
    ClientCredentials found;
    lab.store().read([&](const store::ReadTx& tx) {
        const auto key = tx.find_access_key(credential.substr(0, credential.find('/')));
        BT_ASSERT(key.has_value());
        found = {key->access_key_id, key->secret, key->session_token};
    });
    return found;
}

} // namespace benchtop::harness::mistakes
