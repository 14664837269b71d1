#include "emulator/core/time.hpp"

#include <array>
#include <utility>

namespace benchtop {
namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
    int year;
    unsigned month;
    unsigned day;
    unsigned weekday;
    int hour;
    int minute;
    int second;
    int millis;
};

Civil to_civil(UtcInstant t) {
    const auto day_point = floor<days>(t);
    const year_month_day ymd{day_point};
    const auto rest = t - day_point;
    const auto total_seconds = static_cast<int>(duration_cast<seconds>(rest).count());
    return {
        int(ymd.year()),
        unsigned(ymd.month()),
        unsigned(ymd.day()),
        weekday{day_point}.c_encoding(),
        total_seconds / 3600,
        total_seconds / 60 % 60,
        total_seconds % 60,
        static_cast<int>(duration_cast<milliseconds>(rest).count() % 1000),
    };
}

// Dates stand in every answer: printf's formatting would cost more than a short hash.
class Printer {
public:
    Printer& text(std::string_view t) {
        out_ += t;
        return *this;
    }

    Printer& number(int value, int width) {
        std::array<char, 8> digits{};
        for (int i = width; i-- > 0; value /= 10) {
            digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
        }
        out_.append(digits.data(), static_cast<std::size_t>(width));
        return *this;
    }

    Printer& number(unsigned value, int width) { return number(static_cast<int>(value), width); }

    // "00:17:57"
    Printer& clock(const Civil& c) {
        return number(c.hour, 2).text(":").number(c.minute, 2).text(":").number(c.second, 2);
    }

    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

// "2026-02-21T00:17:57"
Printer iso8601_up_to_seconds(const Civil& c) {
    Printer printer;
    printer.number(c.year, 4)
        .text("-")
        .number(c.month, 2)
        .text("-")
        .number(c.day, 2)
        .text("T")
        .clock(c);
    return printer;
}

// Reads exactly `width` digits at `pos`.
std::optional<int> digits(std::string_view text, std::size_t pos, std::size_t width) {
    if (pos + width > text.size()) {
        return std::nullopt;
    }
    int value = 0;
    for (std::size_t i = pos; i < pos + width; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<UtcInstant> make_instant(int y, int mon, int d, int h, int min, int s) {
    const year_month_day ymd{
        year{y}, month{static_cast<unsigned>(mon)}, day{static_cast<unsigned>(d)}};
    if (!ymd.ok() || h > 23 || min > 59 || s > 60) {
        return std::nullopt;
    }
    return UtcInstant{sys_days{ymd}} + hours{h} + minutes{min} + seconds{s};
}

std::optional<int> month_index(std::string_view name) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (name == kMonths[i]) {
            return static_cast<int>(i + 1);
        }
    }
    return std::nullopt;
}

// "00:17:57" at the start of `text`.
struct TimeOfDay {
    int h, m, s;
};

std::optional<TimeOfDay> parse_clock(std::string_view text) {
    const auto h = digits(text, 0, 2);
    const auto m = digits(text, 3, 2);
    const auto s = digits(text, 6, 2);
    if (!h || !m || !s || text[2] != ':' || text[5] != ':') {
        return std::nullopt;
    }
    return TimeOfDay{*h, *m, *s};
}

// "GMT", "UTC", "Z" or "+hhmm": minutes east of UTC.
std::optional<int> parse_zone(std::string_view zone) {
    if (zone == "GMT" || zone == "UTC" || zone == "Z") {
        return 0;
    }
    if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
        const auto h = digits(zone, 1, 2);
        const auto m = digits(zone, 3, 2);
        if (h && m) {
            return (zone[0] == '-' ? -1 : 1) * (*h * 60 + *m);
        }
    }
    return std::nullopt;
}

} // namespace

std::int64_t to_epoch_ms(UtcInstant t) {
    return floor<milliseconds>(t).time_since_epoch().count();
}

std::int64_t to_epoch_seconds(UtcInstant t) {
    return floor<seconds>(t).time_since_epoch().count();
}

UtcInstant from_epoch_ms(std::int64_t ms) {
    return UtcInstant{milliseconds{ms}};
}

UtcInstant from_epoch_seconds(std::int64_t s) {
    return UtcInstant{seconds{s}};
}

std::string to_http_date(UtcInstant t) {
    const Civil c = to_civil(t);
    return Printer()
        .text(kWeekdays[c.weekday])
        .text(", ")
        .number(c.day, 2)
        .text(" ")
        .text(kMonths[c.month - 1])
        .text(" ")
        .number(c.year, 4)
        .text(" ")
        .clock(c)
        .text(" GMT")
        .take();
}

std::string to_amz_date(UtcInstant t) {
    const Civil c = to_civil(t);
    return Printer()
        .number(c.year, 4)
        .number(c.month, 2)
        .number(c.day, 2)
        .text("T")
        .number(c.hour, 2)
        .number(c.minute, 2)
        .number(c.second, 2)
        .text("Z")
        .take();
}

std::string to_scope_date(UtcInstant t) {
    const Civil c = to_civil(t);
    return Printer().number(c.year, 4).number(c.month, 2).number(c.day, 2).take();
}

std::string to_iso8601_ms(UtcInstant t) {
    const Civil c = to_civil(t);
    return iso8601_up_to_seconds(c).text(".").number(c.millis, 3).text("Z").take();
}

std::string to_iso8601_s(UtcInstant t) {
    return iso8601_up_to_seconds(to_civil(t)).text("Z").take();
}

std::string to_clf(UtcInstant t) {
    const Civil c = to_civil(t);
    return Printer()
        .number(c.day, 2)
        .text("/")
        .text(kMonths[c.month - 1])
        .text("/")
        .number(c.year, 4)
        .text(":")
        .clock(c)
        .text(" +0000")
        .take();
}

std::optional<UtcInstant> parse_amz_date(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
        return std::nullopt;
    }
    const auto y = digits(text, 0, 4);
    const auto mon = digits(text, 4, 2);
    const auto d = digits(text, 6, 2);
    const auto h = digits(text, 9, 2);
    const auto min = digits(text, 11, 2);
    const auto s = digits(text, 13, 2);
    if (!y || !mon || !d || !h || !min || !s) {
        return std::nullopt;
    }
    return make_instant(*y, *mon, *d, *h, *min, *s);
}

std::optional<UtcInstant> parse_http_date(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) {
        // asctime: "Sat Feb 21 00:17:57 2026"
        if (text.size() != 24) {
            return std::nullopt;
        }
        const auto mon = month_index(text.substr(4, 3));
        const auto d = text[8] == ' ' ? digits(text, 9, 1) : digits(text, 8, 2);
        const auto clock = parse_clock(text.substr(11));
        const auto y = digits(text, 20, 4);
        if (!mon || !d || !clock || !y) {
            return std::nullopt;
        }
        return make_instant(*y, *mon, *d, clock->h, clock->m, clock->s);
    }
    std::string_view rest = text.substr(comma + 1);
    while (!rest.empty() && rest.front() == ' ') {
        rest.remove_prefix(1);
    }
    if (rest.size() >= 22 && rest[2] == '-') {
        // RFC 850: "21-Feb-26 00:17:57 GMT"
        const auto d = digits(rest, 0, 2);
        const auto mon = month_index(rest.substr(3, 3));
        const auto yy = digits(rest, 7, 2);
        const auto clock = parse_clock(rest.substr(10));
        const auto zone = parse_zone(rest.substr(19));
        if (!d || !mon || !yy || !clock || !zone) {
            return std::nullopt;
        }
        return make_instant(*yy + (*yy < 70 ? 2000 : 1900), *mon, *d, clock->h, clock->m, clock->s);
    }
    // IMF-fixdate; a one-digit day is tolerated as RFC 1123 allows it.
    const std::size_t day_width = rest.size() > 1 && rest[1] == ' ' ? 1 : 2;
    const auto d = digits(rest, 0, day_width);
    if (!d || rest.size() < day_width + 21) {
        return std::nullopt;
    }
    rest.remove_prefix(day_width + 1);
    const auto mon = month_index(rest.substr(0, 3));
    const auto y = digits(rest, 4, 4);
    const auto clock = parse_clock(rest.substr(9));
    const auto zone = rest.size() > 18 ? parse_zone(rest.substr(18)) : std::nullopt;
    if (!mon || !y || !clock || !zone) {
        return std::nullopt;
    }
    const auto t = make_instant(*y, *mon, *d, clock->h, clock->m, clock->s);
    if (!t) {
        return std::nullopt;
    }
    return *t - minutes{*zone};
}

std::optional<UtcInstant> parse_iso8601(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text.back() != 'Z') {
        return std::nullopt;
    }
    const auto y = digits(text, 0, 4);
    const auto mon = digits(text, 5, 2);
    const auto d = digits(text, 8, 2);
    const auto clock = parse_clock(text.substr(11));
    if (!y || !mon || !d || !clock) {
        return std::nullopt;
    }
    const auto t = make_instant(*y, *mon, *d, clock->h, clock->m, clock->s);
    if (!t) {
        return std::nullopt;
    }
    std::string_view fraction = text.substr(19, text.size() - 20);
    if (fraction.empty()) {
        return t;
    }
    if (fraction.front() != '.' || fraction.size() < 2 || fraction.size() > 10) {
        return std::nullopt;
    }
    std::int64_t micros = 0;
    std::int64_t unit = 100000;
    for (const char c : fraction.substr(1)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        micros += (c - '0') * unit;
        unit /= 10;
    }
    return *t + microseconds{micros};
}

bool is_scope_date(std::string_view text) {
    const auto y = digits(text, 0, 4);
    const auto mon = digits(text, 4, 2);
    const auto d = digits(text, 6, 2);
    return text.size() == 8 && y && mon && d && make_instant(*y, *mon, *d, 0, 0, 0);
}

} // namespace benchtop
