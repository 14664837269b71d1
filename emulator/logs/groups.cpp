// CreateLogGroup, DeleteLogGroup, DescribeLogGroups, PutRetentionPolicy, DeleteRetentionPolicy.
#include "emulator/logs/checks.hpp"
#include "emulator/logs/errors.hpp"
#include "emulator/logs/members.hpp"
#include "emulator/logs/operation_list.hpp"
#include "emulator/logs/request.hpp"
#include "emulator/logs/tags.hpp"
#include "emulator/protocol/json_input.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace benchtop::logs {
namespace {

using protocol::JsonInput;
using protocol::JsonWriter;
using service::Call;
using AccessRequests = Result<std::vector<service::AccessRequest>>;

constexpr std::int64_t kPageMax = 50;
constexpr std::array kRetentionDays{1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                    365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

// --- CreateLogGroup

AccessRequests create_access(const store::ReadTx& tx, const Call& call) {
    return access_to_group(tx, call, "CreateLogGroup");
}

Result<void> refuse_unbuilt(const Call& call) {
    Members members(call.json);
    auto key = members.string("kmsKeyId");
    auto group_class = members.string("logGroupClass");
    auto kept = members.boolean("deletionProtectionEnabled");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    if (key) {
        return invalid_parameter("Benchtop has no KMS: the specified KMS key does not exist.");
    }
    if (group_class.value_or("STANDARD") != "STANDARD") {
        return invalid_parameter("Benchtop keeps log groups of the class STANDARD only.");
    }
    if (kept) {
        return invalid_parameter("Benchtop does not protect log groups from deletion.");
    }
    return {};
}

Result<Response> create_group(store::WriteTx& tx, Call& call) {
    const JsonInput json(call.json);
    auto name = json.string("logGroupName");
    if (!name) {
        return name.error();
    }
    Checks checks;
    checks.required("logGroupName", name->has_value());
    checks.group_name("logGroupName", *name);
    auto tags = read_tags(json, "tags", checks);
    if (!tags) {
        return tags.error();
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    if ((*name)->starts_with("aws/")) {
        return invalid_parameter("Log groups starting with AWS/ are reserved for AWS.");
    }
    if (auto built = refuse_unbuilt(call); !built) {
        return built.error();
    }
    Group group;
    group.id = group_id(call, **name);
    group.created_at = call.context.now;
    group.tags = *std::move(tags);
    if (!group.tags.empty() && !may_tag(call, group)) {
        // A sentence of its own (users' reports of 2022).
        return AwsError(
            400,
            "AccessDeniedException",
            "User with accountId: " + call.account() +
                " is not authorized to perform CreateLogGroup with Tags"
        );
    }
    if (find_group(tx, group.id)) {
        return group_exists();
    }
    put_group(tx, group);
    return empty_answer();
}

// --- DeleteLogGroup

AccessRequests delete_access(const store::ReadTx& tx, const Call& call) {
    return access_to_group(tx, call, "DeleteLogGroup");
}

Result<Group> group_by_name(const store::ReadTx& tx, const Call& call) {
    auto name = JsonInput(call.json).string("logGroupName");
    if (!name) {
        return name.error();
    }
    Checks checks;
    checks.required("logGroupName", name->has_value());
    checks.group_name("logGroupName", *name);
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    auto group = find_group(tx, group_id(call, **name));
    if (!group) {
        return no_such_group();
    }
    return *std::move(group);
}

Result<Response> delete_group_operation(store::WriteTx& tx, Call& call) {
    auto group = group_by_name(tx, call);
    if (!group) {
        return group.error();
    }
    delete_group(tx, group->id);
    return empty_answer();
}

// --- DescribeLogGroups

// Whatever the prefix (users' reports, with the prefix of Terraform's data source).
AccessRequests describe_access(const store::ReadTx&, const Call& call) {
    service::AccessRequest request;
    request.action = "logs:DescribeLogGroups";
    request.resource = group_id(call, "").arn() + ":log-stream:";
    request.resource_account = call.account();
    return std::vector{std::move(request)};
}

// storedBytes counts compressed bytes and changes hours later on AWS, where a young group has 0.
void write_group(JsonWriter& out, const Group& group, bool brief) {
    out.begin_object()
        .member("logGroupName", group.id.name)
        .member("creationTime", to_epoch_ms(group.created_at));
    if (group.retention_days > 0) {
        out.member("retentionInDays", group.retention_days);
    }
    out.member("metricFilterCount", 0).member("arn", group.id.arn() + ":*");
    if (!brief) {
        out.member("storedBytes", 0);
    }
    out.member("logGroupClass", "STANDARD").member("logGroupArn", group.id.arn());
    if (!brief) {
        out.key("deletionProtectionEnabled").boolean(false);
    }
    out.end_object();
}

struct DescribeInput {
    std::optional<std::string> prefix;
    std::optional<std::string> pattern;
    std::optional<std::vector<std::string>> identifiers;
    std::optional<std::string> group_class;
    std::size_t limit = kPageMax;
    std::string from; // first name of the page
};

Result<DescribeInput> read_describe_input(const Call& call) {
    Members members(call.json);
    auto prefix = members.string("logGroupNamePrefix");
    auto pattern = members.string("logGroupNamePattern");
    auto identifiers = members.strings("logGroupIdentifiers");
    auto group_class = members.string("logGroupClass");
    auto limit = members.integer("limit");
    auto token = members.string("nextToken");
    if (auto typed = members.take(); !typed) {
        return typed.error();
    }
    Checks checks;
    checks.group_name("logGroupNamePrefix", prefix);
    if (pattern && !is_group_name(*pattern)) {
        checks.fail(
            "logGroupNamePattern",
            pattern,
            R"(satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]*)"
        );
    }
    checks.range("limit", limit, 1, kPageMax);
    checks.length("nextToken", token, 1, SIZE_MAX);
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    if (prefix && pattern) {
        return invalid_parameter("LogGroup name prefix and LogGroup name pattern are mutually "
                                 "exclusive parameters.");
    }
    DescribeInput input;
    if (token) {
        auto from = page_of(*token);
        if (!from || !is_group_name(*from)) {
            return invalid_token();
        }
        input.from = *std::move(from);
    }
    input.prefix = std::move(prefix);
    input.pattern = std::move(pattern);
    input.identifiers = std::move(identifiers);
    input.group_class = std::move(group_class);
    input.limit = static_cast<std::size_t>(limit.value_or(kPageMax));
    return input;
}

bool is_identified(const Group& group, const std::vector<std::string>& identifiers) {
    return std::any_of(identifiers.begin(), identifiers.end(), [&](const std::string& wanted) {
        return wanted == group.id.name || wanted == group.id.arn();
    });
}

Result<Response> describe_groups(const store::ReadTx& tx, Call& call) {
    auto input = read_describe_input(call);
    if (!input) {
        return input.error();
    }
    JsonWriter out;
    out.begin_object().key("logGroups").begin_array();
    std::size_t written = 0;
    std::optional<std::string> next;
    const bool none = input->group_class.value_or("STANDARD") != "STANDARD";
    scan_groups(
        tx,
        group_id(call, ""),
        input->prefix.value_or(""),
        input->from,
        [&](const Group& group) {
            if (none || (input->pattern && !group.id.name.contains(*input->pattern)) ||
                (input->identifiers && !is_identified(group, *input->identifiers))) {
                return !none;
            }
            if (written == input->limit) {
                next = group.id.name;
                return false;
            }
            write_group(out, group, input->pattern.has_value());
            ++written;
            return true;
        }
    );
    out.end_array();
    if (next) {
        out.member("nextToken", page_token(*next));
    }
    out.end_object();
    return json_answer(std::move(out).take());
}

// --- retention

AccessRequests put_retention_access(const store::ReadTx& tx, const Call& call) {
    return access_to_group(tx, call, "PutRetentionPolicy");
}

AccessRequests delete_retention_access(const store::ReadTx& tx, const Call& call) {
    return access_to_group(tx, call, "DeleteRetentionPolicy");
}

std::string retention_values() {
    std::string text;
    for (const int days : kRetentionDays) {
        text += (text.empty() ? "[" : ", ") + std::to_string(days);
    }
    return text + ']';
}

Result<Response> put_retention(store::WriteTx& tx, Call& call) {
    const JsonInput json(call.json);
    auto days = json.integer("retentionInDays");
    if (!days) {
        return days.error();
    }
    Checks checks;
    checks.required("retentionInDays", days->has_value());
    if (*days &&
        std::find(kRetentionDays.begin(), kRetentionDays.end(), **days) == kRetentionDays.end()) {
        checks.fail(
            "retentionInDays",
            std::to_string(**days),
            "satisfy enum value set: " + retention_values()
        );
    }
    if (auto fine = checks.take(); !fine) {
        return fine.error();
    }
    auto group = group_by_name(tx, call);
    if (!group) {
        return group.error();
    }
    group->retention_days = static_cast<int>(**days);
    put_group(tx, *group);
    return empty_answer();
}

Result<Response> delete_retention(store::WriteTx& tx, Call& call) {
    auto group = group_by_name(tx, call);
    if (!group) {
        return group.error();
    }
    group->retention_days = 0;
    put_group(tx, *group);
    return empty_answer();
}

} // namespace

void add_group_operations(std::vector<service::Operation>& rows) {
    rows.push_back({
        .name = "CreateLogGroup",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:CreateLogGroup",
        .access = service::Access::Write,
        .access_requests = create_access,
        .write = create_group,
    });
    rows.push_back({
        .name = "DeleteLogGroup",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:DeleteLogGroup",
        .access = service::Access::Write,
        .access_requests = delete_access,
        .write = delete_group_operation,
    });
    rows.push_back({
        .name = "DescribeLogGroups",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:DescribeLogGroups",
        .access_requests = describe_access,
        .read = describe_groups,
    });
    rows.push_back({
        .name = "PutRetentionPolicy",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:PutRetentionPolicy",
        .access = service::Access::Write,
        .access_requests = put_retention_access,
        .write = put_retention,
    });
    rows.push_back({
        .name = "DeleteRetentionPolicy",
        .protocol = service::Protocol::Json11,
        .iam_action = "logs:DeleteRetentionPolicy",
        .access = service::Access::Write,
        .access_requests = delete_retention_access,
        .write = delete_retention,
    });
}

} // namespace benchtop::logs
