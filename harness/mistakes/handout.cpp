// The five mistakes the handout lists.
#include "emulator/core/encoding.hpp"
#include "harness/mistakes/stories.hpp"

namespace benchtop::harness::mistakes {

Story stage_root() {
    Bench bench;
    Curl call;
    call.method = "POST";
    call.url = std::string(kApiEndpoint) + "/prod";
    bench.curl("The student calls the invoke URL as the console shows it.", call);
    return bench.finish(
        "stage-root",
        "The lab as in the handout: one route, POST /presign, in the stage prod.",
        "The invoke URL ends at the stage. An HTTP API strips the stage from the path and looks "
        "for a route for what is left, and there is none for /.",
        "curl -X POST http://localhost:4567/prod/presign"
    );
}

Story get_instead_of_post() {
    Bench bench;
    Curl call;
    call.url = std::string(kApiEndpoint) + "/prod/presign";
    bench.curl("The student opens the right address, with curl's or the browser's GET.", call);
    return bench.finish(
        "wrong-method",
        "The lab as in the handout: one route, POST /presign, in the stage prod.",
        "A route is a method and a path. HTTP APIs know no \"405 Method Not Allowed\": another "
        "method is another route, and that one does not exist. The body is the same as for a wrong "
        "path.",
        "curl -X POST http://localhost:4567/prod/presign"
    );
}

Story query_string_missing() {
    Bench bench;
    const Presigned made = bench.presign();
    const std::string base = made.upload_url.substr(0, made.upload_url.find('?'));
    bench.curl("Only the address before the question mark is copied.", upload(base));
    return bench.finish(
        "query-string-missing",
        "The lab as in the handout.",
        "The permission is in the query: X-Amz-Credential says who signed, X-Amz-Signature proves "
        "it. Without them the request is anonymous, and the bucket lets nobody in who is unknown.",
        "Use the whole URL, in quotes: curl -X PUT \"$UPLOAD_URL\" --data-binary ..."
    );
}

Story url_expired() {
    Bench bench;
    const Presigned made = bench.presign();
    bench.wait("The student goes for a coffee: 301 seconds pass.", seconds{301});
    bench.curl("The URL is used at last.", upload(made.upload_url));
    const Presigned second = bench.presign();
    bench.advance("At the bench nobody has to wait.", seconds{301});
    bench.curl("The same answer, at once.", upload(second.upload_url));
    const Presigned third = bench.presign();
    bench.curl("A URL made after that is fresh.", upload(third.upload_url));
    return bench.finish(
        "url-expired",
        "The lab as in the handout: EXPIRES_IN=300.",
        "X-Amz-Date and X-Amz-Expires are part of what was signed. S3 compares them with its own "
        "clock when the request arrives.",
        "Ask POST /prod/presign for a new URL and use it at once."
    );
}

Story moved_to_processed() {
    Bench bench;
    const ClientCredentials student{
        "AKIABENCHTOPSTUDENT0", "BenchtopOfflineLaboratoryStudent00000000", ""};
    bench.lab().write([&](store::WriteTx& tx) {
        const std::string account(stack::kLabAccount);
        tx.put_user({account, "student", "/", "AIDABENCHTOPSTUDENT00", bench.lab().now(), ""});
        tx.put_inline_policy(
            store::PrincipalKind::User,
            account,
            "student",
            {"read-files",
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",)"
             R"("Resource":"arn:aws:s3:::student-upload-bucket-aj/*"}]})"}
        );
        store::AccessKey key;
        key.access_key_id = student.access_key_id;
        key.secret = student.secret;
        key.account = account;
        key.principal_name = "student";
        key.issued_at = bench.lab().now();
        tx.put_access_key(key);
    });
    const Presigned made = bench.presign();
    bench.curl("The file is uploaded.", upload(made.upload_url));
    ClientRequest get;
    get.url = object_url(made.s3_key);
    const std::string command =
        "aws s3api get-object --bucket student-upload-bucket-aj --key " + made.s3_key + " file.txt";
    bench.aws("The administrator looks for it where it was put.", command, get);
    bench.aws(
        "A student who may read objects but not list the bucket gets another answer.",
        command,
        get,
        student
    );
    bench.list("It is where the worker moved it.", stack::kProcessedPrefix);
    return bench.finish(
        "moved-to-processed",
        "The lab as in the handout, and a user \"student\" with s3:GetObject only.",
        "The worker has already moved the file to processed/. Whether an object that does not "
        "exist is a 404 or a 403 depends on s3:ListBucket: without it S3 does not tell.",
        "aws s3 ls s3://student-upload-bucket-aj/processed/"
    );
}

} // namespace benchtop::harness::mistakes
