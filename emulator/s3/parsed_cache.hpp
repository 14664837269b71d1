// Configurations parsed once per text: a small cache, one per thread and kind. Keyed by the text
// itself, for bucket ids and versions repeat over the stores of one process.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

template <typename Config>
class ParsedCache {
public:
    // `parse(text)` gives the Config of a text that is not here yet.
    template <typename Parse>
    std::shared_ptr<const Config> get(std::string_view text, const Parse& parse) {
        const auto found = std::ranges::find(entries_, text, &Entry::text);
        if (found != entries_.end()) {
            return found->config;
        }
        Entry entry{std::string(text), std::make_shared<const Config>(parse(text))};
        auto config = entry.config;
        if (entries_.size() < kEntriesMax) {
            entries_.push_back(std::move(entry));
        } else {
            entries_[next_victim_++ % kEntriesMax] = std::move(entry);
        }
        return config;
    }

private:
    static constexpr std::size_t kEntriesMax = 64;

    struct Entry {
        std::string text;
        std::shared_ptr<const Config> config;
    };

    std::vector<Entry> entries_;
    std::size_t next_victim_ = 0;
};

} // namespace benchtop::s3
