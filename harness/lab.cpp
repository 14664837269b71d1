#include "harness/lab.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/delivery/dispatcher.hpp"
#include "emulator/faults/faulty_invoker.hpp"
#include "emulator/functions/concurrency_limit.hpp"
#include "emulator/functions/executor.hpp"
#include "emulator/functions/function_invoker.hpp"
#include "emulator/pipeline/delivery_report.hpp"
#include "emulator/pipeline/handler_bridge.hpp"
#include "emulator/pipeline/lifecycle_clock.hpp"
#include "emulator/pipeline/log_delivery.hpp"
#include "emulator/pipeline/response_writer.hpp"
#include "emulator/pipeline/role_access.hpp"
#include "emulator/pipeline/service_tables.hpp"
#include "emulator/stack/constants.hpp"
#include "emulator/stack/deploy.hpp"
#include "emulator/stack/template.hpp"
#include "handlers/aws/sigv4.hpp"
#include "handlers/aws/text.hpp"
#include "handlers/hosts/plugins.hpp"
#include "harness/expect.hpp"

#include <boost/json.hpp>
#include <pugixml.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace benchtop::harness {
namespace {

struct UrlParts {
    std::string host;
    std::string target;
};

UrlParts split_url(std::string_view url) {
    const auto scheme = url.find("://");
    BT_ASSERT(scheme != std::string_view::npos);
    url.remove_prefix(scheme + 3);
    const auto path = url.find_first_of("/?");
    if (path == std::string_view::npos) {
        return {std::string(url), "/"};
    }
    std::string target(url.substr(path));
    if (target.front() == '?') {
        target.insert(0, "/");
    }
    return {std::string(url.substr(0, path)), std::move(target)};
}

std::string wire_text(const RequestHead& head, std::string_view body) {
    std::string text = head.method + ' ' + head.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : head.headers.entries()) {
        text += name + ": " + value + "\r\n";
    }
    text += "\r\n";
    text += body;
    return text;
}

std::string wire_text(Response response) {
    pipeline::Serialized message = pipeline::serialize(std::move(response), true, false);
    const auto stored = whole_content(message.stored);
    BT_ASSERT(stored.has_value());
    message.bytes += *stored;
    return std::move(message.bytes);
}

// The short port serves the lab's API and nothing else.
Listener listener_of(std::string_view host) {
    constexpr std::string_view port = kApiEndpoint.substr(kApiEndpoint.rfind(':'));
    return host.ends_with(port) ? Listener::HttpApi : Listener::Main;
}

std::shared_ptr<const functions::Plugin> adopt(const benchtop_plugin* table) {
    auto plugin = functions::Plugin::adopt(table);
    BT_ASSERT(plugin.has_value());
    return *std::move(plugin);
}

} // namespace

namespace {

// Handlers' way into the pipeline, overheard.
class HandlerTap final : public functions::HandlerTransport {
public:
    HandlerTap(
        functions::HandlerTransport& next, std::vector<HandlerExchange>& exchanges, bool keeps
    )
        : next_(next)
        , exchanges_(exchanges)
        , keeps_(keeps) {}

    Response
    send(RequestHead head, std::string body, const functions::HandlerSource& source) override {
        if (!keeps_) {
            return next_.send(std::move(head), std::move(body), source);
        }
        HandlerExchange exchange;
        exchange.function = source.function_name;
        exchange.request_text = wire_text(head, body);
        Response response = next_.send(std::move(head), std::move(body), source);
        exchange.response_text = response.status == 0 ? std::string() : wire_text(response);
        exchanges_.push_back(std::move(exchange));
        return response;
    }

private:
    functions::HandlerTransport& next_;
    std::vector<HandlerExchange>& exchanges_;
    const bool keeps_;
};

} // namespace

struct Lab::Process {
    Process(Lab& lab)
        : executor(make_fiber_executor(lab.fibers_))
        , log_delivery(*lab.store_, lab.clock_, lab.log_)
        , wrapped(lab.options_.wrap_transport ? lab.options_.wrap_transport(bridge) : nullptr)
        , tap(wrapped ? *wrapped : static_cast<functions::HandlerTransport&>(bridge),
              exchanges,
              lab.options_.keep_exchanges)
        , invoker(
              *lab.store_,
              lab.clock_,
              lab.random_,
              lab.log_,
              logs,
              lab.plugins_,
              *executor,
              lab.deadlines_,
              tap,
              functions::InvokerOptions{}
          )
        , limited_invoker(*lab.store_, invoker)
        , services(
              *lab.store_,
              lab.clock_,
              lab.random_,
              lab.log_,
              limited_invoker,
              logs,
              services_options(lab.options_)
          )
        , delivery_report(*lab.store_, lab.log_, *services.refusals)
        , lifecycle_clock(services, lab.deadlines_) {
        logs.set_sink(&log_delivery);
        invoker.set_endpoint(std::string(kEndpoint));
        services.wait_until = [&lab](const std::function<bool()>& ready) { lab.wait_until(ready); };
        bridge.connect(services);
        if (lab.options_.event_faults != nullptr) {
            faulty_invoker = std::make_unique<faults::FaultyInvoker>(
                limited_invoker, *lab.options_.event_faults, lab.deadlines_
            );
        }
        // By wake-up: a handler runs after the commit that raised its event, not inside it.
        dispatcher = std::make_unique<delivery::Dispatcher>(
            *lab.store_,
            faulty_invoker ? *faulty_invoker : static_cast<Invoker&>(limited_invoker),
            lab.clock_,
            lab.random_,
            lab.log_,
            lab.wake_up_,
            delivery::Start::ByWakeUp
        );
        dispatcher->observe([this](const store::Delivery& delivery, InvokeStatus status) {
            delivery_report.attempt_ended(delivery, status);
        });
        dispatcher->permit_destinations(
            [&lab](
                const store::ReadTx& tx, std::string_view function_arn, std::string_view destination
            ) { return pipeline::why_not_sent(tx, function_arn, destination, lab.clock_.now()); }
        );
        services.dispatcher = dispatcher.get();
        lab.wake_up_.wakes(dispatcher.get());
        lifecycle_clock.start();
    }

    static pipeline::ServicesOptions services_options(const LabOptions& options) {
        pipeline::ServicesOptions made;
        made.http_api_port_api = options.stack.first_api();
        return made;
    }

    functions::FunctionLogs logs;
    std::unique_ptr<functions::Executor> executor;
    pipeline::LogDelivery log_delivery;
    pipeline::HandlerBridge bridge;
    std::vector<HandlerExchange> exchanges; // oldest first
    std::unique_ptr<functions::HandlerTransport> wrapped;
    HandlerTap tap;
    functions::FunctionInvoker invoker;
    functions::ConcurrencyLimit limited_invoker;
    pipeline::Services services;
    std::unique_ptr<faults::FaultyInvoker> faulty_invoker;
    pipeline::DeliveryReport delivery_report;
    std::unique_ptr<delivery::Dispatcher> dispatcher;
    pipeline::LifecycleClock lifecycle_clock;
};

const stack::Stack& lab_stack() {
    static const stack::Stack stack = stack::lab_stack();
    return stack;
}

Lab::Lab(LabOptions options)
    : options_(std::move(options))
    , clock_(options_.start)
    , random_(options_.seed)
    , store_(options_.open_store ? options_.open_store(random_) : store::open_memory_store()) {
    plugins_.add(adopt(benchtop_plugin_web_presign()));
    plugins_.add(adopt(benchtop_plugin_worker_move()));
    for (const auto& plugin : options_.plugins) {
        plugins_.add(plugin);
    }
    process_ = std::make_unique<Process>(*this);
    if (options_.open_store) {
        process_->dispatcher->recover();
    }
    if (options_.deploy) {
        deploy(options_.stack);
    } else if (!options_.open_store) { // an opened store holds what it holds
        write([this](store::WriteTx& tx) {
            stack::deploy_administrator(tx, options_.stack.account, clock_.now(), random_);
        });
    }
}

Lab::Lab(std::uint64_t seed)
    : Lab([seed] {
        LabOptions options;
        options.seed = seed;
        options.deploy = false;
        options.stack.api_parts.clear(); // no API yet that presign() could call
        return options;
    }()) {}

void Lab::deploy(const stack::Stack& stack) {
    std::optional<AwsError> refusal;
    store::WriteJob job;
    job.run = [&](store::WriteTx& tx) {
        const auto deployed =
            stack::deploy(tx, stack, clock_.now(), random_, pipeline::service_tables());
        if (!deployed) {
            refusal = deployed.error();
        }
        return deployed.has_value();
    };
    job.done = [](store::CommitStatus) {};
    store_->write(std::move(job));
    if (refusal) {
        throw std::invalid_argument(refusal->code() + ": " + refusal->message());
    }
    if (options_.stack.first_api().empty()) {
        options_.stack = stack;
        services().options.http_api_port_api = stack.first_api();
    }
}

void Lab::deploy(std::string_view template_text) {
    const auto stack = stack::read_template(template_text, stack::TemplateInput{});
    if (!stack) {
        throw std::invalid_argument(stack.error().code() + ": " + stack.error().message());
    }
    deploy(*stack);
}

UtcInstant LabClock::now() const {
    return lab_.now();
}

void LabClock::pass(microseconds amount) {
    lab_.pass(amount);
}

void LabClock::advance(microseconds amount) {
    lab_.advance(amount);
}

Lab::~Lab() {
    end_process();
}

void Lab::crash() {
    crash_asked_ = true;
    if (fibers_.inside()) {
        fibers_.pause(microseconds::zero()); // whatever it would say comes too late
    }
}

// Nobody hears what comes of anything that runs now.
void Lab::silence() {
    process_->lifecycle_clock.stop();
    process_->dispatcher->stop();
    if (process_->faulty_invoker) {
        process_->faulty_invoker->stop();
    }
    crash_asked_ = true;
}

void Lab::end_process() {
    silence();
    fibers_.finish();
    process_->invoker.stop(); // answers what waited for its turn
    fibers_.finish();
    wake_up_.wakes(nullptr);
    process_.reset();
    deadlines_.clear();
}

void Lab::restart() {
    end_process();
    ++crashes_;
    if (options_.open_store) {
        store_.reset();
        store_ = options_.open_store(random_);
    }
    crash_asked_ = false;
    process_ = std::make_unique<Process>(*this);
    process_->dispatcher->recover();
}

const std::vector<HandlerExchange>& Lab::handler_exchanges() const {
    return process_->exchanges;
}

pipeline::Services& Lab::services() {
    return process_->services;
}

bool Lab::idle() const {
    return fibers_.none() && process_->dispatcher->idle() &&
           (!process_->faulty_invoker || process_->faulty_invoker->waiting() == 0);
}

bool Lab::turn() {
    bool ran = fibers_.run_ready();
    ran = deadlines_.run_one_due() || ran;
    // Nobody but the handlers' fibers runs on behalf of the dying process now.
    if (crash_asked_ && waiting_ == 0) {
        restart();
        return true;
    }
    return ran;
}

// A client waits for a function: meanwhile time passes for everybody.
void Lab::wait_until(const std::function<bool()>& ready) {
    if (fibers_.inside()) {
        fibers_.wait_until(ready);
        return;
    }
    ++waiting_;
    while (!ready()) {
        if (crash_asked_) {
            silence();
            fibers_.finish(); // what it waits for ends with the process
        } else if (!turn()) {
            const auto next = deadlines_.next();
            BT_ASSERT(next);
            clock_.pass(*next);
        }
    }
    --waiting_;
}

ClientResponse Lab::send(const ClientRequest& request) {
    const UrlParts url = split_url(request.url);
    RequestHead head;
    head.method = request.method;
    head.target = url.target;
    Headers given;
    for (const auto& [name, value] : request.headers) {
        given.add(name, value);
    }
    if (!request.complete && !given.has("Host")) {
        head.headers.add("Host", url.host);
    }
    for (const auto& [name, value] : given.entries()) {
        head.headers.add(name, value);
    }
    const bool may_have_body =
        !request.body.empty() || request.method == "PUT" || request.method == "POST";
    if (!request.complete && may_have_body && !given.has("Content-Length")) {
        head.headers.add("Content-Length", std::to_string(request.body.size()));
    }
    if (const auto length = head.headers.find("Content-Length")) {
        head.content_length = parse_u64(*length);
    }
    head.listener = listener_of(url.host);
    head.source_ip = "127.0.0.1";
    head.received_at = clock_.now();
    ClientResponse answer;
    answer.request_text = wire_text(head, request.body);
    Response response = pipeline::execute_blocking(services(), std::move(head), request.body);
    if (crash_asked_) {
        settle(); // the connection died with the process
        return answer;
    }
    if (!response.is_head) {
        auto body = whole_content(response.body); // once: pieces are read off the disk
        if (!body) {
            settle(); // the disk failed under the answer, which ends early
            return answer;
        }
        response.body = *std::move(body);
    }
    answer.response_text = wire_text(response);
    answer.status = response.status;
    answer.headers = std::move(response.headers);
    if (!response.is_head) {
        answer.body = std::get<std::string>(std::move(response.body));
    }
    settle();
    return answer;
}

ClientResponse Lab::send_signed(
    ClientRequest request, const ClientCredentials& credentials, std::string_view region
) {
    return send_signed(std::move(request), credentials, region, "s3");
}

ClientResponse Lab::call(
    std::string_view service,
    std::string_view method,
    std::string_view path,
    std::string body,
    const ClientCredentials& credentials,
    std::vector<std::pair<std::string, std::string>> more_headers
) {
    ClientRequest request;
    request.headers = std::move(more_headers);
    request.method = method;
    request.url = std::string(kEndpoint) + std::string(path);
    request.headers.emplace_back(
        "Content-Type",
        service == "sts" || service == "iam" ? "application/x-www-form-urlencoded; charset=utf-8"
                                             : "application/json"
    );
    request.body = std::move(body);
    return send_signed(std::move(request), credentials, stack::kLabRegion, service);
}

ClientResponse
Lab::logs(std::string_view operation, std::string body, const ClientCredentials& credentials) {
    ClientRequest request;
    request.method = "POST";
    request.url = std::string(kEndpoint) + "/";
    request.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
    request.headers.emplace_back("X-Amz-Target", "Logs_20140328." + std::string(operation));
    request.body = std::move(body);
    return send_signed(std::move(request), credentials, stack::kLabRegion, "logs");
}

ClientResponse Lab::call_json(
    std::string_view service,
    std::string_view target,
    std::string body,
    const ClientCredentials& credentials
) {
    ClientRequest request;
    request.method = "POST";
    request.url = std::string(kEndpoint) + "/";
    request.headers = {
        {"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", std::string(target)}};
    request.body = std::move(body);
    return send_signed(std::move(request), credentials, stack::kLabRegion, service);
}

ClientResponse Lab::send_signed(
    ClientRequest request,
    const ClientCredentials& credentials,
    std::string_view region,
    std::string_view service
) {
    const UrlParts url = split_url(request.url);
    const std::string amz_date = to_amz_date(clock_.now());
    const std::string hash = sha256_hex(request.body);
    request.headers.emplace_back("X-Amz-Date", amz_date);
    request.headers.emplace_back("X-Amz-Content-Sha256", hash);
    if (!credentials.session_token.empty()) {
        request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
    }
    const auto mark = url.target.find('?');
    handlers::aws::SigningInput input;
    input.method = request.method;
    input.path = std::string_view(url.target).substr(0, mark);
    if (mark != std::string::npos) {
        input.query = std::string_view(url.target).substr(mark + 1);
    }
    input.headers.emplace_back("Host", url.host);
    for (const auto& header : request.headers) {
        input.headers.push_back(header);
    }
    input.payload_hash = hash;
    input.encode_path_again = service != "s3";
    const handlers::aws::Credentials keys{
        credentials.access_key_id, credentials.secret, credentials.session_token};
    request.headers.emplace_back(
        "Authorization", handlers::aws::authorization(input, {amz_date, region, service}, keys)
    );
    return send(request);
}

ClientCredentials Lab::administrator() {
    return {
        std::string(stack::kAdministratorAccessKeyId),
        std::string(stack::kAdministratorSecretKey),
        ""};
}

Client Lab::client(std::string_view user) {
    const std::string named = "&Version=2010-05-08&UserName=" + handlers::aws::uri_encode(user);
    const ClientResponse made = call("iam", "POST", "/", "Action=CreateUser" + named);
    if (made.status != 200 && wire_error(made).code != "EntityAlreadyExists") {
        throw std::invalid_argument("CreateUser: " + wire_error(made).message);
    }
    const ClientResponse key = call("iam", "POST", "/", "Action=CreateAccessKey" + named);
    if (key.status != 200) {
        throw std::invalid_argument("CreateAccessKey: " + wire_error(key).message);
    }
    pugi::xml_document document;
    document.load_buffer(key.body.data(), key.body.size());
    const auto text = [&](const char* path) {
        return std::string(document.select_node(path).node().child_value());
    };
    return Client(*this, std::string(user), {text("//AccessKeyId"), text("//SecretAccessKey"), ""});
}

Presigned Lab::presign() {
    const ClientResponse answer = send(
        {"POST",
         "http://" + options_.stack.first_api() + ".execute-api." + options_.stack.region +
             ".amazonaws.com/prod/presign",
         {},
         ""}
    );
    boost::system::error_code ec;
    const auto document = boost::json::parse(answer.body, ec);
    Presigned presigned;
    if (!ec && document.is_object()) {
        const auto text = [&](const char* name) {
            const auto* value = document.as_object().if_contains(name);
            return value != nullptr && value->is_string() ? std::string(value->as_string().c_str())
                                                          : std::string();
        };
        presigned = {text("uploadUrl"), text("s3Key")};
    }
    return presigned;
}

ClientResponse Lab::put(std::string url, std::string body, std::string_view content_type) {
    ClientRequest request;
    request.method = "PUT";
    request.url = std::move(url);
    request.body = std::move(body);
    if (!content_type.empty()) {
        request.headers.emplace_back("Content-Type", content_type);
    }
    return send(request);
}

ClientResponse Lab::put(const Presigned& presigned, std::string body) {
    return put(presigned.upload_url, std::move(body));
}

void Lab::pass(microseconds amount) {
    while (amount.count() > 0) {
        const auto next = deadlines_.next();
        const microseconds step = next ? std::min(*next, amount) : amount;
        clock_.pass(step);
        amount -= step;
        settle();
    }
}

void Lab::advance(microseconds amount) {
    pipeline::ClockAdvance clock_advance(services(), amount);
    for (bool more = true; more;) {
        write([&](store::WriteTx& tx) { more = clock_advance.step(tx); });
    }
    // What a client does next happens later than the advance, by its own clock's next second.
    clock_.pass(seconds{1});
    process_->dispatcher->run_due();
    settle();
}

void Lab::settle() {
    if (fibers_.inside()) {
        return; // whoever drives the fibers goes on
    }
    while (turn()) {
    }
}

void Lab::write(const std::function<void(store::WriteTx&)>& change) {
    store::WriteJob job;
    bool committed = false;
    job.run = [&](store::WriteTx& tx) {
        change(tx);
        return true;
    };
    job.done = [&](store::CommitStatus status) {
        committed = status == store::CommitStatus::Committed;
    };
    store_->write(std::move(job));
    BT_ASSERT(committed);
}

bool Lab::has_object(std::string_view bucket, std::string_view key) {
    bool found = false;
    store_->read([&](const store::ReadTx& tx) {
        const auto row = tx.find_bucket(bucket);
        found = row && tx.find_object(row->id, key);
    });
    return found;
}

void Lab::deliver_again(std::string_view key) {
    write([&](store::WriteTx& tx) {
        const auto cards = tx.list_deliveries(options_.stack.buckets.front().name, key, 100);
        const auto heard = std::ranges::find_if(cards, [](const store::Delivery& card) {
            return card.state != store::DeliveryState::Unmatched;
        });
        BT_ASSERT(heard != cards.end());
        store::Delivery again = *heard;
        again.state = store::DeliveryState::Pending;
        again.attempts = 0;
        again.delay = {};
        again.created_at = again.last_attempt_at = clock_.now();
        again.last_result.clear();
        tx.add_delivery(again);
    });
}

std::vector<store::Delivery> Lab::deliveries() {
    std::vector<store::Delivery> rows;
    store_->read([&](const store::ReadTx& tx) { rows = tx.list_deliveries("", "", 1000); });
    return rows;
}

std::vector<functions::LogLine> Lab::log_of(std::string_view function) {
    return process_->logs.read(function, 0, functions::FunctionLogs::kLinesMax);
}

} // namespace benchtop::harness
