#include "emulator/s3/errors_lock.hpp"

#include "emulator/s3/errors.hpp"

#include <array>
#include <cstdio>

namespace benchtop::s3 {
namespace {

using namespace std::chrono;

// Daylight saving time of the United States since 2007: from the second Sunday of March, 2:00
// standard time (10:00 UTC), to the first Sunday of November, 2:00 daylight time (9:00 UTC).
bool is_pacific_daylight_time(UtcInstant t) {
    const auto year = year_month_day(floor<days>(t)).year();
    const UtcInstant begin = sys_days(year / March / Sunday[2]) + hours(10);
    const UtcInstant end = sys_days(year / November / Sunday[1]) + hours(9);
    return t >= begin && t < end;
}

} // namespace

AwsError object_is_locked() {
    return access_denied("Access Denied because object protected by object lock.");
}

AwsError no_object_lock_configuration(std::string_view bucket) {
    return s3_error(
               404,
               "ObjectLockConfigurationNotFoundError",
               "Object Lock configuration does not exist for this bucket"
    )
        .with("BucketName", bucket);
}

AwsError no_lock_of_object() {
    return s3_error(
        404,
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration"
    );
}

AwsError bucket_without_object_lock() {
    return invalid_request("Bucket is missing Object Lock Configuration");
}

AwsError write_without_object_lock() {
    return invalid_request("Bucket is missing ObjectLockConfiguration");
}

AwsError lock_needs_versioning() {
    return s3_error(
        409,
        "InvalidBucketState",
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
    );
}

AwsError retain_until_in_the_past(std::string_view argument, std::string_view value) {
    return invalid_argument("The retain until date must be in the future!", argument, value);
}

AwsError bypass_without_object_lock() {
    return invalid_argument("x-amz-bypass-governance-retention is only applicable to Object Lock "
                            "enabled buckets.")
        .with("ArgumentName", "x-amz-bypass-governance-retention");
}

AwsError lock_needs_digest(std::string_view what) {
    return invalid_request(
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put " + std::string(what) +
        " requests with Object Lock parameters"
    );
}

std::string to_pacific_time(UtcInstant t) {
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const bool daylight = is_pacific_daylight_time(t);
    const UtcInstant local = t - hours(daylight ? 7 : 8);
    const auto day = floor<days>(local);
    const year_month_day date(day);
    const hh_mm_ss time(floor<seconds>(local - day));
    char text[48];
    std::snprintf(
        text,
        sizeof text,
        "%s %s %02u %02d:%02d:%02d %s %04d",
        kDays[weekday(day).c_encoding()],
        kMonths[static_cast<unsigned>(date.month()) - 1],
        static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()),
        daylight ? "PDT" : "PST",
        static_cast<int>(date.year())
    );
    return text;
}

} // namespace benchtop::s3
