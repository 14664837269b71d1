// Whoever calls a lab: a user of its IAM, a role's session, or curl without credentials.
//
//     Client student = lab.client("student");         // a user who may do nothing yet
//     student.may(R"({"Version": "2012-10-17", ...})");
//     CHECK(student.get_object("student-upload-bucket-aj", "processed/x.txt") == answered(200));
#pragma once

#include "harness/messages.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::harness {

class Lab;

// Holds a reference to its lab, which must outlive it. Copies are the same caller.
class Client {
public:
    // `user`: IAM user name for may(), "" for a session.
    Client(Lab& lab, std::string user, ClientCredentials credentials);

    const ClientCredentials& credentials() const { return credentials_; }

    // POST /prod/presign on the lab's API, as curl sends it: unsigned. Members are "" when refused.
    Presigned presign();

    // S3 requests, signed in the Authorization header.
    ClientResponse put_object(std::string_view bucket, std::string_view key, std::string body = "");
    ClientResponse get_object(std::string_view bucket, std::string_view key);
    ClientResponse delete_object(std::string_view bucket, std::string_view key);
    // ListObjectsV2: XML.
    ClientResponse list_objects(std::string_view bucket, std::string_view prefix = "");

    // Any request to S3 ("s3") or another service ("lambda", "iam"...), signed.
    ClientResponse send(ClientRequest request);
    ClientResponse call(
        std::string_view service,
        std::string_view method,
        std::string_view path,
        std::string body = "",
        std::vector<std::pair<std::string, std::string>> headers = {}
    );

    // Gives the user one more inline policy (PutUserPolicy by the administrator).
    // Throws std::invalid_argument with AWS's answer when IAM refuses it.
    void may(std::string_view policy_document);

    // sts:AssumeRole: a session of the role. Throws std::invalid_argument with AWS's answer when it
    // is refused.
    Client assume_role(std::string_view role_arn, std::string_view session_name = "session");

private:
    ClientResponse object(std::string method, std::string_view bucket, std::string_view key);

    Lab& lab_;
    std::string user_;
    ClientCredentials credentials_;
};

} // namespace benchtop::harness
