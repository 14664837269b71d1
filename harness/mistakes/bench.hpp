// What the scenarios share: a Lab whose traffic is written down as a Story.
#pragma once

#include "harness/lab.hpp"
#include "harness/mistakes/mistake.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::harness::mistakes {

inline constexpr std::string_view kBody = "hello from aj";

// A call of curl's: the command line and the request it makes (curl 7.88).
struct Curl {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers; // -H
    std::optional<std::string> data;                          // --data-binary
    std::string shown_url; // as typed when it differs from what arrives, with its quotes
};

Curl upload(std::string url, std::string data = std::string(kBody));

class Bench {
public:
    explicit Bench(LabOptions options = {});

    Lab& lab() { return lab_; }

    // Each writes one step down.
    ClientResponse curl(std::string action, const Curl& call);
    // `command` is the AWS CLI's line that makes such a request.
    ClientResponse
    aws(std::string action,
        std::string command,
        ClientRequest request,
        const ClientCredentials& who = Lab::administrator(),
        std::string_view region = stack::kLabRegion);
    // aws s3 ls s3://BUCKET/PREFIX
    void list(std::string action, std::string_view prefix);
    // POST /prod/presign: the first step of most stories.
    Presigned presign();
    void wait(std::string action, microseconds amount);
    // benchtop clock advance
    void advance(std::string action, seconds amount);
    void show_log(std::string action, std::string_view function);
    void show_deliveries(std::string action);
    // The handler's newest request whose start line begins with `method`.
    void show_handler(std::string action, std::string_view function, std::string_view method);

    void say(std::string action) { story_.steps.push_back({std::move(action), "", "", "", ""}); }

    // `hint` is the tutor's name: its first line in the live log is the story's.
    Story finish(std::string_view hint, std::string setup, std::string why, std::string fix);

private:
    Lab lab_;
    Story story_;
};

std::string object_url(std::string_view key);
stack::FunctionSpec& function_of(stack::Stack& stack, std::string_view name);
// Takes away every statement of the function's resource policy.
void drop_permissions(stack::Stack& stack, std::string_view function);
// Takes the statement `sid` out of the role's policy.
void drop_statement(stack::Stack& stack, std::string_view role, std::string_view sid);
// The temporary credentials a presigned URL was made with: what the function's environment holds.
ClientCredentials credentials_behind(Lab& lab, std::string_view url);

} // namespace benchtop::harness::mistakes
