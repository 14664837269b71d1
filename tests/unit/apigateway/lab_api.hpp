// The lab's API as a test sees it, and a Random that counts.
#pragma once

#include "emulator/apigateway/gateway.hpp"

#include <memory>

namespace benchtop::apigateway {

struct CountingRandom : Random {
    char next = 0;

    void fill(RandomStream, std::span<char> bytes) override {
        for (char& c : bytes) {
            c = next++;
        }
    }
};

// 14 Apr 2025 22:16:45.123
inline const UtcInstant kNow = from_epoch_ms(1744669005123);

inline Document lab_document() {
    Document document;
    document.current.integrations = {
        {"0abcdef",
         "AWS_PROXY",
         "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda",
         "2.0",
         30000}};
    document.current.routes = {{"1122334", "POST /presign", "integrations/0abcdef"}};
    Stage prod;
    prod.name = "prod";
    prod.auto_deploy = true;
    document.stages.push_back(prod);
    auto_deploy(document);
    return document;
}

inline Document document_with_routes(const std::vector<std::string>& keys) {
    Document document = lab_document();
    document.current.routes.clear();
    for (const auto& key : keys) {
        document.current.routes.push_back({"r", key, "integrations/0abcdef"});
    }
    auto_deploy(document);
    return document;
}

inline std::shared_ptr<const Api> api_of(Document document) {
    return std::make_shared<const Api>(Api{
        "abc123def4", "111122223333", "us-east-2", std::move(document)});
}

inline RequestHead request(std::string method, std::string target) {
    RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.headers.add("Host", "abc123def4.execute-api.us-east-2.amazonaws.com");
    head.headers.add("User-Agent", "curl/8.4.0");
    head.headers.add("Accept", "*/*");
    head.source_ip = "203.0.113.9";
    return head;
}

} // namespace benchtop::apigateway
