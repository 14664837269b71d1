// The lab's names, fixed so that a handout can print them. The key is no secret: it opens a
// laboratory that listens on loopback, and nothing else.
#pragma once

#include <string_view>

namespace benchtop::stack {

inline constexpr std::string_view kLabAccount = "111122223333";
inline constexpr std::string_view kLabRegion = "us-east-2";
inline constexpr std::string_view kLabBucket = "student-upload-bucket-aj";
// An API id has 10 characters [a-z0-9].
inline constexpr std::string_view kLabApiId = "labpresign";
inline constexpr std::string_view kLabApiName = "presign-upload-api";
inline constexpr std::string_view kLabStage = "prod";
inline constexpr std::string_view kWebFunction = "web-presign-lambda";
inline constexpr std::string_view kWorkerFunction = "worker-move-lambda";
inline constexpr std::string_view kWebRole = "lambda-web-presign-role";
inline constexpr std::string_view kWorkerRole = "lambda-worker-role";
inline constexpr std::string_view kUploadPrefix = "uploads/";
inline constexpr std::string_view kProcessedPrefix = "processed/";

// The IAM user of whoever works at the bench: may do everything in the lab's account.
inline constexpr std::string_view kAdministratorName = "benchtop-admin";
inline constexpr std::string_view kAdministratorAccessKeyId = "AKIABENCHTOPLABADMIN";
inline constexpr std::string_view kAdministratorSecretKey =
    "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";

static_assert(kLabApiId.size() == 10);
static_assert(kAdministratorAccessKeyId.size() == 20);
static_assert(kAdministratorSecretKey.size() == 40);

} // namespace benchtop::stack
