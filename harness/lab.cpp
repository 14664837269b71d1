#include "harness/lab.hpp"

#include "emulator/core/assert.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/functions/executor.hpp"
#include "emulator/pipeline/lab_trigger.hpp"
#include "emulator/stack/constants.hpp"
#include "emulator/stack/deploy.hpp"
#include "handlers/aws/sigv4.hpp"
#include "handlers/hosts/plugins.hpp"

#include <boost/json.hpp>

#include <unistd.h>

namespace benchtop::harness {
namespace {

// Where handlers are told AWS is; the lab answers to any local name.
constexpr std::string_view kEndpoint = "http://127.0.0.1:4566";

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

std::string read_slice(const FileSlice& slice) {
    std::string bytes(slice.length, '\0');
    const ssize_t n =
        ::pread(slice.file->fd(), bytes.data(), bytes.size(), static_cast<off_t>(slice.offset));
    BT_ASSERT(n == static_cast<ssize_t>(bytes.size()));
    return bytes;
}

std::shared_ptr<const functions::Plugin> adopt(const benchtop_plugin* table) {
    auto plugin = functions::Plugin::adopt(table);
    BT_ASSERT(plugin.has_value());
    return *std::move(plugin);
}

} // namespace

Lab::Lab(LabOptions options)
    : options_(std::move(options))
    , clock_(options_.start)
    , random_(options_.seed)
    , executor_(functions::make_inline_executor())
    , store_(store::open_memory_store()) {
    plugins_.add(adopt(benchtop_plugin_web_presign()));
    plugins_.add(adopt(benchtop_plugin_worker_move()));
    invoker_ = std::make_unique<functions::PluginInvoker>(
        *store_,
        clock_,
        random_,
        log_,
        logs_,
        plugins_,
        *executor_,
        deadlines_,
        bridge_,
        functions::InvokerOptions{}
    );
    invoker_->set_endpoint(std::string(kEndpoint));
    pipeline::ServicesOptions services_options;
    services_options.http_api_port_api = std::string(stack::kLabApiId);
    services_ = std::make_unique<pipeline::Services>(
        *store_, clock_, random_, log_, *invoker_, logs_, services_options
    );
    bridge_.connect(*services_);
    dispatcher_ =
        std::make_unique<delivery::Dispatcher>(*store_, *invoker_, clock_, random_, log_, wake_up_);
    services_->dispatcher = dispatcher_.get();
    wake_up_.wakes(dispatcher_.get());
    if (options_.deploy) {
        write([this](store::WriteTx& tx) {
            stack::deploy(
                tx, options_.stack, clock_.now(), random_, pipeline::render_lambda_trigger
            );
        });
    }
}

Lab::~Lab() {
    dispatcher_->stop();
    invoker_->stop();
}

ClientResponse Lab::send(const ClientRequest& request) {
    const UrlParts url = split_url(request.url);
    RequestHead head;
    head.method = request.method;
    head.target = url.target;
    bool has_host = false;
    for (const auto& [name, value] : request.headers) {
        has_host = has_host || iequals(name, "host");
    }
    if (!has_host) {
        head.headers.add("Host", url.host);
    }
    for (const auto& [name, value] : request.headers) {
        head.headers.add(name, value);
    }
    if (!request.body.empty() || request.method == "PUT" || request.method == "POST") {
        head.content_length = request.body.size();
        head.headers.add("Content-Length", std::to_string(request.body.size()));
    }
    head.source_ip = "127.0.0.1";
    head.received_at = clock_.now();
    Response response = pipeline::execute_blocking(*services_, std::move(head), request.body);
    ClientResponse answer;
    answer.status = response.status;
    answer.headers = std::move(response.headers);
    if (!response.is_head) {
        if (auto* text = std::get_if<std::string>(&response.body)) {
            answer.body = std::move(*text);
        } else {
            answer.body = read_slice(std::get<FileSlice>(response.body));
        }
    }
    settle();
    return answer;
}

ClientResponse Lab::send_signed(
    ClientRequest request, const ClientCredentials& credentials, std::string_view region
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
    const handlers::aws::Credentials keys{
        credentials.access_key_id, credentials.secret, credentials.session_token};
    request.headers.emplace_back(
        "Authorization", handlers::aws::authorization(input, {amz_date, region}, keys)
    );
    return send(request);
}

ClientCredentials Lab::administrator() {
    return {
        std::string(stack::kAdministratorAccessKeyId),
        std::string(stack::kAdministratorSecretKey),
        ""};
}

Presigned Lab::presign() {
    const ClientResponse answer = send(
        {"POST",
         "http://" + std::string(stack::kLabApiId) +
             ".execute-api.us-east-2.amazonaws.com/prod/presign",
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
    ClientRequest request{"PUT", std::move(url), {}, std::move(body)};
    if (!content_type.empty()) {
        request.headers.emplace_back("Content-Type", content_type);
    }
    return send(request);
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
    write([&](store::WriteTx& tx) { tx.add_advance({clock_.now(), amount}); });
    // What a client does next happens later than the advance, by its own clock's next second.
    clock_.pass(seconds{1});
    dispatcher_->run_due();
    settle();
}

void Lab::settle() {
    while (deadlines_.run_due()) {
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

std::vector<store::Delivery> Lab::deliveries() {
    std::vector<store::Delivery> rows;
    store_->read([&](const store::ReadTx& tx) { rows = tx.list_deliveries("", "", 1000); });
    return rows;
}

std::vector<functions::LogLine> Lab::log_of(std::string_view function) {
    return logs_.read(function, 0, functions::FunctionLogs::kLinesMax);
}

} // namespace benchtop::harness
