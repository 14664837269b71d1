#include "handlers/hosts/runtime_api.hpp"

#include "handlers/hosts/http_client.hpp"
#include "handlers/hosts/run_handler.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sys/random.h>
#include <unistd.h>

namespace handlers::hosts {

namespace {

constexpr int next_failures_max = 3;
constexpr std::int64_t post_timeout_ms = 10'000;

std::string header(const aws::HttpResponse& response, std::string_view name) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    for (const auto& [have, value] : response.headers) {
        if (have.size() == name.size() &&
            std::equal(have.begin(), have.end(), name.begin(), [&](char a, char b) {
                return lower(a) == lower(b);
            })) {
            return value;
        }
    }
    return {};
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
    });
}

class RuntimeLoop {
public:
    RuntimeLoop(
        const aws::Handler& handler,
        const std::string& api,
        aws::Transport& transport,
        aws::Services services
    )
        : handler_(handler)
        , base_("http://" + api + "/2018-06-01/runtime/")
        , transport_(transport)
        , services_(services) {}

    int run();

private:
    bool post(const std::string& path, const Answer& answer);
    bool serve_one(const aws::HttpResponse& next, const std::string& request_id);
    aws::InvocationInfo static_info() const;

    const aws::Handler& handler_;
    std::string base_;
    aws::Transport& transport_;
    aws::Services services_;
};

// What the environment says of the function; the same for every event.
aws::InvocationInfo RuntimeLoop::static_info() const {
    const auto env = [&](const char* name) {
        return services_.environment.get(name).value_or(std::string());
    };
    aws::InvocationInfo info;
    info.function_name = env("AWS_LAMBDA_FUNCTION_NAME");
    info.function_version = env("AWS_LAMBDA_FUNCTION_VERSION");
    info.log_group_name = env("AWS_LAMBDA_LOG_GROUP_NAME");
    info.log_stream_name = env("AWS_LAMBDA_LOG_STREAM_NAME");
    info.memory_limit_mb = number(env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
    return info;
}

bool RuntimeLoop::post(const std::string& path, const Answer& answer) {
    aws::HttpRequest request;
    request.method = "POST";
    request.url = base_ + path;
    request.headers = {{"Content-Type", "application/json"}};
    if (answer.is_error) {
        request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", answer.error_type);
    }
    request.body = answer.payload;
    request.timeout_ms = post_timeout_ms;
    const int status = transport_.send(request).status;
    // 413 is the service's to report (Function.ResponseSizeTooLarge); the loop may go on.
    return (status >= 200 && status < 300) || status == 413;
}

bool RuntimeLoop::serve_one(const aws::HttpResponse& next, const std::string& request_id) {
    aws::InvocationInfo info = static_info();
    info.request_id = request_id;
    info.invoked_function_arn = header(next, "Lambda-Runtime-Invoked-Function-Arn");
    info.trace_id = header(next, "Lambda-Runtime-Trace-Id");
    info.deadline_ms = number(header(next, "Lambda-Runtime-Deadline-Ms"));
    if (info.trace_id.empty()) {
        unsetenv("_X_AMZN_TRACE_ID");
    } else {
        setenv("_X_AMZN_TRACE_ID", info.trace_id.c_str(), 1);
    }
    aws::Context context(std::move(info), services_);
    const Answer answer = run_handle(handler_, next.body, context);
    return post("invocation/" + request_id + (answer.is_error ? "/error" : "/response"), answer);
}

int RuntimeLoop::run() {
    {
        aws::Context context(static_info(), services_);
        if (const Answer answer = run_init(handler_, context); answer.is_error) {
            post("init/error", answer);
            return 1;
        }
    }
    for (int failures = 0; failures < next_failures_max;) {
        aws::HttpRequest request;
        request.method = "GET";
        request.url = base_ + "invocation/next";
        const aws::HttpResponse next = transport_.send(request);
        const std::string request_id = header(next, "Lambda-Runtime-Aws-Request-Id");
        if (next.status != 200 || !is_request_id(request_id)) {
            ++failures;
            continue;
        }
        failures = 0;
        if (!serve_one(next, request_id)) {
            services_.log.write("[ERROR] the Runtime API did not take the answer\n");
            return 1;
        }
    }
    services_.log.write("[ERROR] the Runtime API gave no event three times in a row\n");
    return 1;
}

class SystemClock final : public aws::Clock {
public:
    std::int64_t now_ms() override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch()
        )
            .count();
    }
};

class SystemRandom final : public aws::Random {
public:
    void fill(std::span<unsigned char> buffer) override {
        while (!buffer.empty()) {
            const ssize_t got = getrandom(buffer.data(), buffer.size(), 0);
            if (got < 0 && errno != EINTR) {
                std::abort(); // there is no safe way to go on without randomness
            }
            buffer = buffer.subspan(got > 0 ? static_cast<std::size_t>(got) : 0);
        }
    }
};

class ProcessEnvironment final : public aws::Environment {
public:
    std::optional<std::string> get(const char* name) const override {
        const char* value = std::getenv(name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }
};

class StdoutLog final : public aws::Log {
public:
    void write(std::string_view text) override {
        while (!text.empty()) {
            const ssize_t put = ::write(STDOUT_FILENO, text.data(), text.size());
            if (put < 0 && errno != EINTR) {
                return;
            }
            text.remove_prefix(put > 0 ? static_cast<std::size_t>(put) : 0);
        }
    }
};

} // namespace

int serve_runtime_api(
    const aws::Handler& handler,
    const std::string& api,
    aws::Transport& runtime_transport,
    aws::Services services
) {
    return RuntimeLoop(handler, api, runtime_transport, services).run();
}

int run_bootstrap(const aws::Handler& handler) {
    // A peer that goes away is an error value, not a signal; and the machine's openssl.cnf is not
    // ours.
    std::signal(SIGPIPE, SIG_IGN);
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    SystemClock clock;
    SystemRandom random;
    ProcessEnvironment environment;
    StdoutLog log;
    const auto api = environment.get("AWS_LAMBDA_RUNTIME_API");
    if (!api || api->empty()) {
        log.write("[ERROR] AWS_LAMBDA_RUNTIME_API is not set: this program runs inside Lambda\n");
        return 1;
    }
    HttpClient runtime;
    HttpClient outside;
    return serve_runtime_api(handler, *api, runtime, {clock, random, environment, log, outside});
}

} // namespace handlers::hosts
