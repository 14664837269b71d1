// Promise: the handler that is tested is the handler that ships. Each static `bootstrap` runs as
// its own process against the emulator's Runtime API and S3, on real sockets with its role's
// credentials; then the plugin gets the same event, with the time and the random bytes that the
// bootstrap's answer shows. The answers are equal byte for byte.
#include "emulator/cli/application.hpp"
#include "emulator/core/ids.hpp"
#include "emulator/functions/environment.hpp"
#include "emulator/net/runtime_api_server.hpp"
#include "emulator/platform/os_random.hpp"
#include "emulator/platform/real_clock.hpp"
#include "emulator/stack/constants.hpp"
#include "handlers/hosts/http_client.hpp"
#include "handlers/hosts/plugins.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <future>
#include <mutex>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace benchtop;

namespace {

constexpr std::chrono::seconds kPatience{30}; // a safety net, not a measure

std::unique_ptr<cli::Application> start_emulator() {
    cli::ApplicationOptions options;
    options.ephemeral = true;
    options.server.port = 0;
    options.server.api_port = 0;
    options.lowest_log_level = LogLevel::Error;
    options.plugins = BENCHTOP_PLUGINS;
    auto opened = cli::Application::open(options);
    REQUIRE(opened.has_value());
    std::unique_ptr<cli::Application> application = *std::move(opened);
    application->start();
    return application;
}

void write(store::Store& store, const std::function<void(store::WriteTx&)>& change) {
    std::promise<store::CommitStatus> done;
    store::WriteJob job;
    job.run = [&](store::WriteTx& tx) {
        change(tx);
        return true;
    };
    job.done = [&](store::CommitStatus status) { done.set_value(status); };
    store.write(std::move(job));
    REQUIRE(done.get_future().get() == store::CommitStatus::Committed);
}

// A function of the lab with credentials of its role and the environment Lambda gives it.
functions::EnvironmentMap environment_of(cli::Application& application, std::string_view name) {
    platform::OsRandom random;
    platform::RealClock clock;
    store::Function function;
    application.store().read([&](const store::ReadTx& tx) {
        function = tx.find_function(stack::kLabAccount, stack::kLabRegion, name).value();
    });
    store::AccessKey key;
    key.access_key_id = make_access_key_id(random, "ASIA", stack::kLabAccount);
    key.secret = make_secret_key(random);
    key.session_token = make_session_token(random);
    key.account = stack::kLabAccount;
    key.kind = store::PrincipalKind::Role;
    key.principal_name = function.role_arn.substr(function.role_arn.rfind('/') + 1);
    key.session_name = name;
    key.issued_at = clock.now();
    key.lifetime = std::chrono::hours{1};
    write(application.store(), [&](store::WriteTx& tx) { tx.put_access_key(key); });
    functions::EnvironmentOptions options;
    options.credentials = {key.access_key_id, key.secret, key.session_token};
    options.log_stream_name = "2026/02/21/[$LATEST]0123456789abcdef0123456789abcdef";
    options.endpoint_url = "http://127.0.0.1:" + std::to_string(application.port());
    return functions::make_environment(function, options);
}

// A bootstrap process on a Runtime API of its own.
class Bootstrap {
public:
    Bootstrap(const char* path, functions::EnvironmentMap environment) {
        auto opened = net::RuntimeApiServer::open([this](functions::RuntimeOutcome outcome) {
            const std::lock_guard lock(mutex_);
            outcome_ = std::move(outcome);
            arrived_.notify_all();
        });
        REQUIRE(opened.has_value());
        api_ = *std::move(opened);
        environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:" + std::to_string(api_->port());
        std::vector<std::string> lines;
        for (const auto& [name, value] : environment) {
            lines.push_back(name + "=" + value);
        }
        std::vector<char*> pointers;
        for (auto& line : lines) {
            pointers.push_back(line.data());
        }
        pointers.push_back(nullptr);
        std::string program = path;
        char* const arguments[] = {program.data(), nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        REQUIRE(::posix_spawn(&process_, path, &actions, nullptr, arguments, pointers.data()) == 0);
        posix_spawn_file_actions_destroy(&actions);
    }

    ~Bootstrap() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }

    Bootstrap(const Bootstrap&) = delete;
    Bootstrap& operator=(const Bootstrap&) = delete;

    functions::RuntimeOutcome invoke(const std::string& event) {
        platform::OsRandom random;
        platform::RealClock clock;
        functions::RuntimeEvent runtime_event;
        runtime_event.request_id = make_uuid(random);
        runtime_event.payload = event;
        runtime_event.invoked_function_arn = "arn:aws:lambda:us-east-2:111122223333:function:f";
        runtime_event.deadline = clock.now() + kPatience;
        {
            const std::lock_guard lock(mutex_);
            outcome_.reset();
        }
        api_->submit(runtime_event);
        functions::RuntimeOutcome outcome = await_outcome();
        CHECK(outcome.request_id == runtime_event.request_id);
        return outcome;
    }

    // Also an init error, which comes without an event.
    functions::RuntimeOutcome await_outcome() {
        std::unique_lock lock(mutex_);
        REQUIRE(arrived_.wait_for(lock, kPatience, [this] { return outcome_.has_value(); }));
        return *outcome_;
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::optional<functions::RuntimeOutcome> outcome_;
    std::unique_ptr<net::RuntimeApiServer> api_;
    pid_t process_ = -1;
};

// A host of the plugin ABI whose time and random bytes are given; HTTP goes over real sockets.
class PluginHost {
public:
    PluginHost(functions::EnvironmentMap environment, std::int64_t now_ms, std::string random)
        : environment_(std::move(environment))
        , now_ms_(now_ms)
        , random_(std::move(random)) {
        host_.abi_version = BENCHTOP_PLUGIN_ABI_VERSION;
        host_.struct_size = sizeof(host_);
        host_.self = this;
        host_.log = [](void*, const char*, size_t) {};
        host_.now_ms = [](void* self) { return static_cast<PluginHost*>(self)->now_ms_; };
        host_.remaining_ms = [](void*) -> int64_t { return 30'000; };
        host_.random = [](void* self, void* buffer, size_t size) {
            const std::string& bytes = static_cast<PluginHost*>(self)->random_;
            for (size_t i = 0; i < size; ++i) {
                static_cast<char*>(buffer)[i] = bytes.empty() ? '\0' : bytes[i % bytes.size()];
            }
        };
        host_.http_send = http_send;
        host_.getenv = [](void* self, const char* name) -> const char* {
            const auto& variables = static_cast<PluginHost*>(self)->environment_;
            const auto found = variables.find(std::string_view(name));
            return found == variables.end() ? nullptr : found->second.c_str();
        };
    }

    struct Answer {
        bool is_error;
        std::string payload;
    };

    Answer run(const benchtop_plugin* plugin, const std::string& event) {
        benchtop_invocation invocation{};
        invocation.struct_size = sizeof(invocation);
        invocation.event = {event.data(), event.size()};
        invocation.deadline_ms = now_ms_ + 30'000;
        benchtop_result result{};
        result.struct_size = sizeof(result);
        plugin->handle(&host_, &invocation, &result);
        return take(result);
    }

    Answer init(const benchtop_plugin* plugin) {
        benchtop_result result{};
        result.struct_size = sizeof(result);
        plugin->init(&host_, &result);
        return take(result);
    }

private:
    static Answer take(benchtop_result& result) {
        Answer answer{result.is_error != 0, std::string(result.payload.data, result.payload.size)};
        if (result.release != nullptr) {
            result.release(&result);
        }
        return answer;
    }

    static std::string text(const benchtop_bytes& bytes) {
        return bytes.size == 0 ? std::string() : std::string(bytes.data, bytes.size);
    }

    // What http_send hands out lives until release().
    struct Held {
        handlers::aws::HttpResponse response;
        std::vector<benchtop_header> headers;
    };

    static void
    http_send(void*, const benchtop_http_request* request, benchtop_http_response* response) {
        handlers::aws::HttpRequest out{
            text(request->method), text(request->url), {}, text(request->body), 0};
        for (size_t i = 0; i < request->header_count; ++i) {
            out.headers.emplace_back(
                text(request->headers[i].name), text(request->headers[i].value)
            );
        }
        handlers::hosts::HttpClient client;
        auto* const held = new Held{client.send(out), {}};
        for (const auto& [name, value] : held->response.headers) {
            held->headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
        }
        response->status = held->response.status;
        response->headers = held->headers.data();
        response->header_count = held->headers.size();
        response->body = {held->response.body.data(), held->response.body.size()};
        response->error = {held->response.reason.data(), held->response.reason.size()};
        response->owner = held;
        response->release = [](benchtop_http_response* r) { delete static_cast<Held*>(r->owner); };
    }

    functions::EnvironmentMap environment_;
    std::int64_t now_ms_;
    std::string random_;
    benchtop_host host_{};
};

const std::string kApiEvent =
    R"({"version":"2.0","routeKey":"POST /presign","rawPath":"/prod/presign","rawQueryString":"","headers":{},"requestContext":{"stage":"prod"},"isBase64Encoded":false})";

std::string s3_event(const std::string& encoded_key) {
    return R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-2","eventTime":"2026-02-21T00:17:57.000Z","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0","bucket":{"name":"student-upload-bucket-aj","arn":"arn:aws:s3:::student-upload-bucket-aj"},"object":{"key":")" +
           encoded_key +
           R"(","size":5,"eTag":"5d41402abc4b2a76b9719d911017c592","sequencer":"0068"}}}]})";
}

std::string between(const std::string& text, std::string_view before, std::size_t size) {
    const auto at = text.find(before);
    REQUIRE(at != std::string::npos);
    return text.substr(at + before.size(), size);
}

std::string uuid_bytes(std::string uuid) {
    std::erase(uuid, '-');
    return from_hex(uuid).value();
}

// An object without an event: nothing but the handler under test touches it.
void put_quietly(store::Store& store, const std::string& key) {
    write(store, [&](store::WriteTx& tx) {
        const auto bucket = tx.find_bucket(stack::kLabBucket).value();
        store::StagedBody body;
        body.size = 5;
        body.small = "hello";
        store::Object object;
        object.key = key;
        object.size = 5;
        object.etag = "5d41402abc4b2a76b9719d911017c592";
        object.last_modified = platform::RealClock().now();
        object.body = tx.add_body(body);
        object.attributes.content_type = "binary/octet-stream";
        tx.put_object(bucket.id, object);
    });
}

bool has(store::Store& store, const std::string& key) {
    bool found = false;
    store.read([&](const store::ReadTx& tx) {
        found = tx.find_object(tx.find_bucket(stack::kLabBucket).value().id, key).has_value();
    });
    return found;
}

} // namespace

TEST_CASE("the web bootstrap answers what the plugin answers", "[wire][bootstrap]") {
    const auto application = start_emulator();
    const auto environment = environment_of(*application, stack::kWebFunction);
    Bootstrap bootstrap(WEB_PRESIGN_BOOTSTRAP, environment);

    const auto first = bootstrap.invoke(kApiEvent);
    REQUIRE(first.kind == functions::RuntimeOutcome::Kind::Response);
    const auto signed_at = parse_amz_date(between(first.payload, "X-Amz-Date=", 16)).value();
    const std::string uuid = between(first.payload, "uploads/upload-", 36);
    PluginHost host(environment, to_epoch_ms(signed_at), uuid_bytes(uuid));
    const auto answer = host.run(benchtop_plugin_web_presign(), kApiEvent);
    CHECK_FALSE(answer.is_error);
    CHECK(answer.payload == first.payload);

    // The URL is good: S3 takes a body for it.
    const auto body = boost::json::parse(boost::json::parse(first.payload).at("body").as_string());
    const std::string url = body.at("uploadUrl").as_string().c_str();
    handlers::hosts::HttpClient client;
    const auto put = client.send(
        {"PUT",
         url,
         {{"Host", "127.0.0.1:" + std::to_string(application->port())}},
         "hello",
         10'000}
    );
    CHECK(put.status == 200);
    application->stop();
}

TEST_CASE("the web bootstrap refuses what the plugin refuses", "[wire][bootstrap]") {
    const auto application = start_emulator();
    auto environment = environment_of(*application, stack::kWebFunction);
    {
        Bootstrap bootstrap(WEB_PRESIGN_BOOTSTRAP, environment);
        PluginHost host(environment, 0, "");
        for (const std::string bad : {"not json", "[]", R"({"version":7})", ""}) {
            CAPTURE(bad);
            const auto answer = bootstrap.invoke(bad);
            const auto same = host.run(benchtop_plugin_web_presign(), bad);
            CHECK(same.is_error == (answer.kind == functions::RuntimeOutcome::Kind::Error));
            if (same.is_error) {
                CHECK(same.payload == answer.payload);
            }
        }
    }
    {
        auto no_bucket = environment;
        no_bucket.erase("BUCKET_NAME");
        Bootstrap bootstrap(WEB_PRESIGN_BOOTSTRAP, no_bucket);
        const auto answer = bootstrap.invoke(kApiEvent);
        CHECK(answer.kind == functions::RuntimeOutcome::Kind::Error);
        CHECK(
            PluginHost(no_bucket, 0, "").run(benchtop_plugin_web_presign(), kApiEvent).payload ==
            answer.payload
        );
    }
    // What module-level code would trip over is reported before any event.
    environment["EXPIRES_IN"] = "soon";
    Bootstrap bootstrap(WEB_PRESIGN_BOOTSTRAP, environment);
    const auto failed = bootstrap.await_outcome();
    CHECK(failed.kind == functions::RuntimeOutcome::Kind::InitError);
    const auto same = PluginHost(environment, 0, "").init(benchtop_plugin_web_presign());
    CHECK(same.is_error);
    CHECK(same.payload == failed.payload);
    CHECK(failed.error_type == "Runtime.Unknown"); // ValueError is no name that Lambda keeps
    application->stop();
}

TEST_CASE(
    "the worker's bootstrap does and says what the plugin does and says", "[wire][bootstrap]"
) {
    const auto application = start_emulator();
    store::Store& store = application->store();
    const auto environment = environment_of(*application, stack::kWorkerFunction);
    Bootstrap bootstrap(WORKER_MOVE_BOOTSTRAP, environment);
    PluginHost host(environment, to_epoch_ms(platform::RealClock().now()), "");
    const std::string event = s3_event("uploads/my+file+%281%29.txt");
    const std::string source = "uploads/my file (1).txt";
    const std::string moved = "processed/my file (1).txt";

    put_quietly(store, source);
    const auto by_bootstrap = bootstrap.invoke(event);
    CHECK(by_bootstrap.kind == functions::RuntimeOutcome::Kind::Response);
    CHECK(has(store, moved));
    CHECK_FALSE(has(store, source));

    put_quietly(store, source);
    write(store, [&](store::WriteTx& tx) {
        tx.delete_object(tx.find_bucket(stack::kLabBucket).value().id, moved);
    });
    const auto by_plugin = host.run(benchtop_plugin_worker_move(), event);
    CHECK_FALSE(by_plugin.is_error);
    CHECK(has(store, moved));
    CHECK_FALSE(has(store, source));
    CHECK(by_plugin.payload == by_bootstrap.payload);

    // A second delivery finds the source gone, and the role may not list: both report the same
    // error.
    const auto error = bootstrap.invoke(event);
    CHECK(error.kind == functions::RuntimeOutcome::Kind::Error);
    const auto same_error = host.run(benchtop_plugin_worker_move(), event);
    CHECK(same_error.is_error);
    CHECK(same_error.payload == error.payload);
    CHECK(error.payload.find("s3:ListBucket") != std::string::npos);

    // Keys as events encode them (the folder's among them), keys that name no object or are not
    // the worker's: the same word for word, with the same effect.
    struct Case {
        std::string encoded, source, moved;
    };

    const Case cases[] = {
        {"uploads/na%C3%AFve+%2B+100%25.txt",
         "uploads/na\u00efve + 100%.txt",
         "processed/na\u00efve + 100%.txt"},
        {"uploads/", "uploads/", "processed/"},
        {"uploads/%zz%", "", ""},
        {"elsewhere/a.txt", "", ""},
    };
    for (const auto& [encoded, object, target] : cases) {
        CAPTURE(encoded);
        const std::string one = s3_event(encoded);
        if (!object.empty()) {
            put_quietly(store, object);
        }
        const auto by_process = bootstrap.invoke(one);
        if (!object.empty()) {
            CHECK(has(store, target));
            CHECK_FALSE(has(store, object));
            put_quietly(store, object);
        }
        const auto in_process = host.run(benchtop_plugin_worker_move(), one);
        CHECK(in_process.payload == by_process.payload);
        CHECK(in_process.is_error == (by_process.kind == functions::RuntimeOutcome::Kind::Error));
        CHECK_FALSE((!object.empty() && has(store, object)));
    }
    std::string elsewhere = event;
    for (std::size_t at = 0; (at = elsewhere.find(stack::kLabBucket, at)) != std::string::npos;) {
        elsewhere.replace(at, stack::kLabBucket.size(), "somebody-elses-bucket");
    }
    const auto foreign = bootstrap.invoke(elsewhere);
    CHECK(foreign.kind == functions::RuntimeOutcome::Kind::Error);
    CHECK(host.run(benchtop_plugin_worker_move(), elsewhere).payload == foreign.payload);

    for (const std::string bad : {"{}", "not json", R"({"Records":[{}]})"}) {
        const auto refused = bootstrap.invoke(bad);
        CHECK(refused.kind == functions::RuntimeOutcome::Kind::Error);
        CHECK(host.run(benchtop_plugin_worker_move(), bad).payload == refused.payload);
    }
    application->stop();
}
