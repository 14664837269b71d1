#include "emulator/s3/requester_pays.hpp"

#include "emulator/s3/errors.hpp"

namespace benchtop::s3 {

bool charges_requester(const store::Bucket& bucket, const policy::Principal& caller) {
    if (caller.account == bucket.account) {
        return false;
    }
    const auto document = bucket.setting("requestPayment");
    return document && document->find("<Payer>Requester</Payer>") != std::string_view::npos;
}

Result<void> check_requester_pays(
    const S3Request& request, const store::Bucket& bucket, const policy::Principal& caller
) {
    const bool pays = request.header("x-amz-request-payer") == "requester" &&
                      caller.kind != policy::Principal::Kind::Anonymous;
    return pays || !charges_requester(bucket, caller) ? Result<void>() : access_denied();
}

} // namespace benchtop::s3
