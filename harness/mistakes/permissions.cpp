// A permission somebody forgot.
#include "harness/mistakes/stories.hpp"

namespace benchtop::harness::mistakes {

Story web_role_without_put() {
    LabOptions options;
    drop_statement(options.stack, stack::kWebRole, "AllowPutToUploadsPrefix");
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("The URL was made without complaint; using it is refused.", upload(made.upload_url));
    return bench.finish(
        "permission-missing",
        "lambda-web-presign-role has no statement that allows s3:PutObject.",
        "Presigning is arithmetic: nobody is asked. The upload happens in the name of the role "
        "that signed, and its policies are looked at when the URL is used.",
        "Add AllowPutToUploadsPrefix (part 2.1) to lambda-web-presign-role."
    );
}

Story worker_role_without_put() {
    LabOptions options;
    drop_statement(options.stack, stack::kWorkerRole, "WriteProcessed");
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("The student sees nothing wrong.", upload(made.upload_url));
    bench.show_handler("The worker's copy is refused.", stack::kWorkerFunction, "PUT");
    bench.wait(
        "Lambda tries again after about one minute and about two more, then gives up.",
        std::chrono::minutes{5}
    );
    bench.show_log("The worker's log has all three attempts.", stack::kWorkerFunction);
    bench.show_deliveries("So has the delivery's card.");
    bench.list("The file is still in uploads/.", stack::kUploadPrefix);
    return bench.finish(
        "permission-missing",
        "lambda-worker-role has no statement WriteProcessed.",
        "CopyObject needs s3:GetObject on the source and s3:PutObject on the destination. An event "
        "whose function fails three times is dropped; nothing tells the uploader.",
        "Add WriteProcessed (part 4.1) to lambda-worker-role, then upload again."
    );
}

Story worker_role_without_delete() {
    LabOptions options;
    drop_statement(options.stack, stack::kWorkerRole, "DeleteUploads");
    Bench bench(options);
    const Presigned made = bench.presign();
    bench.curl("The file is uploaded.", upload(made.upload_url));
    bench.show_handler("The worker copies it.", stack::kWorkerFunction, "PUT");
    bench.show_handler("It may not delete the original.", stack::kWorkerFunction, "DELETE");
    bench.wait("Two retries later the delivery is dead.", std::chrono::minutes{5});
    bench.show_log("Every attempt copied again.", stack::kWorkerFunction);
    bench.list("The file is in both places:", stack::kUploadPrefix);
    bench.list("here as well.", stack::kProcessedPrefix);
    return bench.finish(
        "permission-missing",
        "lambda-worker-role has no statement DeleteUploads.",
        "A move is a copy and a delete, and no transaction holds them together. Delivery is at "
        "least once: a retry begins from the start, so each step must bear being done twice.",
        "Add DeleteUploads (part 4.1) to lambda-worker-role."
    );
}

Story api_may_not_invoke() {
    LabOptions options;
    drop_permissions(options.stack, stack::kWebFunction);
    Bench bench(options);
    Curl call;
    call.method = "POST";
    call.url = std::string(kApiEndpoint) + "/prod/presign";
    bench.curl("The route exists, but its function was never asked.", call);
    return bench.finish(
        "api-permission-missing",
        "web-presign-lambda has no resource policy statement for API Gateway (the console adds it, "
        "other tools leave it to you).",
        "API Gateway calls a function only when the function's resource policy names it; the "
        "client sees nothing but a 500.",
        "aws lambda add-permission --function-name web-presign-lambda --statement-id apigateway "
        "--action lambda:InvokeFunction --principal apigateway.amazonaws.com --source-arn "
        "'arn:aws:execute-api:us-east-2:111122223333:labpresign/*/*/presign'"
    );
}

} // namespace benchtop::harness::mistakes
