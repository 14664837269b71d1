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

inline ApiModel lab_model() {
    ApiModel model;
    model.current.integrations = {
        {"0abcdef",
         "AWS_PROXY",
         "arn:aws:lambda:us-east-2:111122223333:function:web-presign-lambda",
         "2.0",
         30000}};
    model.current.routes = {{"1122334", "POST /presign", "integrations/0abcdef"}};
    Stage prod;
    prod.name = "prod";
    prod.auto_deploy = true;
    model.stages.push_back(prod);
    auto_deploy(model);
    return model;
}

inline ApiModel model_with_routes(const std::vector<std::string>& keys) {
    ApiModel model = lab_model();
    model.current.routes.clear();
    for (const auto& key : keys) {
        model.current.routes.push_back({"r", key, "integrations/0abcdef"});
    }
    auto_deploy(model);
    return model;
}

inline std::shared_ptr<const Api> api_of(ApiModel model) {
    store::HttpApi row;
    row.api_id = "abc123def4";
    row.account = "111122223333";
    row.region = "us-east-2";
    return std::make_shared<const Api>(Api{row, std::move(model)});
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
