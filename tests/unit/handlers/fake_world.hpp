// What a handler asks of its host, all of it fixed: a clock that stands, counting bytes for
// randomness, and an S3 of a few lines that keeps keys in a set and fails when told to.
#pragma once

#include "handlers/aws/context.hpp"
#include "handlers/aws/text.hpp"

#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace handlers::test {

class FixedClock final : public aws::Clock {
public:
    std::int64_t now = 1'771'633'077'000; // 2026-02-21T00:17:57Z

    std::int64_t now_ms() override { return now; }
};

class CountingRandom final : public aws::Random {
public:
    void fill(std::span<unsigned char> buffer) override {
        std::iota(buffer.begin(), buffer.end(), static_cast<unsigned char>(0));
    }
};

class MapEnvironment final : public aws::Environment {
public:
    std::map<std::string, std::string> variables{
        {"AWS_REGION", "us-east-2"},
        {"AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"},
        {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        {"AWS_SESSION_TOKEN", "token//+=="},
        {"AWS_ENDPOINT_URL", "http://s3.test:4566"},
        {"BUCKET_NAME", "lab-bucket"},
    };

    std::optional<std::string> get(const char* name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
};

class MemoryLog final : public aws::Log {
public:
    std::string text;

    void write(std::string_view line) override { text += line; }
};

// Path style on http://s3.test:4566/BUCKET/KEY.
class FakeS3 final : public aws::Transport {
public:
    std::set<std::string> keys;                                  // "bucket/key", decoded
    std::vector<aws::HttpRequest> requests;                      // as they came
    std::map<std::string, std::deque<aws::HttpResponse>> faults; // by method, used up in order

    aws::HttpResponse send(const aws::HttpRequest& request) override {
        requests.push_back(request);
        if (auto& planned = faults[request.method]; !planned.empty()) {
            aws::HttpResponse response = planned.front();
            planned.pop_front();
            return response;
        }
        const std::string key = aws::unquote(request.url.substr(origin.size()));
        if (request.method == "DELETE") {
            keys.erase(key);
            return {204, {}, "", {}, ""};
        }
        const std::string source = aws::unquote(header(request, "x-amz-copy-source"));
        if (!keys.contains(source)) {
            return error(404, "NoSuchKey", "The specified key does not exist.");
        }
        keys.insert(key);
        return {200, {}, "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>", {}, ""};
    }

    static aws::HttpResponse error(int status, const std::string& code, const std::string& text) {
        return {
            status,
            {},
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
                "</Code><Message>" + text + "</Message><RequestId>R</RequestId></Error>",
            {},
            ""};
    }

    static std::string header(const aws::HttpRequest& request, const std::string& name) {
        for (const auto& [have, value] : request.headers) {
            if (have == name) {
                return value;
            }
        }
        return {};
    }

    static inline const std::string origin = "http://s3.test:4566/";
};

struct World {
    FixedClock clock;
    CountingRandom random;
    MapEnvironment environment;
    MemoryLog log;
    FakeS3 s3;

    aws::Context context() {
        aws::InvocationInfo info;
        info.request_id = "11111111-2222-4333-8444-555555555555";
        info.deadline_ms = clock.now + 3000;
        return {std::move(info), services()};
    }

    aws::Services services() { return {clock, random, environment, log, s3}; }
};

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A notification with one record per key; the keys as they arrive.
inline std::string s3_event(const std::vector<std::string>& encoded_keys) {
    std::string out = "{\"Records\":[";
    for (const auto& key : encoded_keys) {
        out += (out.ends_with('[') ? "" : ",");
        out +=
            R"({"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0",)"
            R"("bucket":{"name":"lab-bucket"},"object":{"key":")" +
            key + R"(","size":16,"eTag":"2763451ef0cc199d676acdd8cda23435","sequencer":"00"}}})";
    }
    return out + "]}";
}

} // namespace handlers::test
