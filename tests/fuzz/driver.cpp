// Runs one fuzz entry point without libFuzzer: every seed as it is, then N deterministic mutations.
//   fuzz_NAME [--iterations N] [--seed S] [DIRECTORY | FILE]...
// A directory that does not exist counts as empty: the target may bring its own seeds through
// benchtop_fuzz_seeds(). The same arguments always give the same inputs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A target may define this; the weak default has no seeds.
extern "C" __attribute__((weak)) const char* const* benchtop_fuzz_seeds() {
    static const char* const none[] = {nullptr};
    return none;
}

namespace {

constexpr std::size_t kLongestInput = 8192;

// SplitMix64.
class Prng {
public:
    explicit Prng(std::uint64_t seed)
        : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

private:
    std::uint64_t state_;
};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void collect(const std::filesystem::path& path, std::vector<std::string>& seeds) {
    if (std::filesystem::is_directory(path)) {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            if (entry.is_regular_file()) {
                files.push_back(entry.path());
            }
        }
        std::sort(files.begin(), files.end());
        for (const auto& file : files) {
            seeds.push_back(read_file(file));
        }
    } else if (std::filesystem::is_regular_file(path)) {
        seeds.push_back(read_file(path));
    }
}

// Bytes that mean something to the parsers under test come up far more often than by chance.
char interesting(Prng& prng) {
    static constexpr char kBytes[] = "\0\r\n\t &=%+/;:,.\"'<>{}[]$*?-_~09azAZ\x7f\x80\xff";
    return prng.below(3) == 0 ? static_cast<char>(prng.below(256))
                              : kBytes[prng.below(sizeof kBytes - 1)];
}

void mutate_once(std::string& input, const std::vector<std::string>& seeds, Prng& prng) {
    const std::size_t at = input.empty() ? 0 : prng.below(input.size());
    const std::size_t span =
        input.empty() ? 0 : 1 + prng.below(std::min<std::size_t>(input.size() - at, 32));
    switch (prng.below(7)) {
    case 0:
        if (!input.empty()) {
            input[at] = interesting(prng);
        }
        break;
    case 1:
        input.insert(at, 1, interesting(prng));
        break;
    case 2:
        input.erase(at, span);
        break;
    case 3:
        input.insert(at, input.substr(at, span));
        break;
    case 4:
        if (!input.empty()) {
            input[at] = static_cast<char>(input[at] ^ (1 << prng.below(8)));
        }
        break;
    case 5: { // splice in a piece of another seed
        const std::string& other = seeds[prng.below(seeds.size())];
        if (!other.empty()) {
            const std::size_t from = prng.below(other.size());
            input.insert(at, other.substr(from, 1 + prng.below(64)));
        }
        break;
    }
    default:
        input.resize(at);
        break;
    }
    if (input.size() > kLongestInput) {
        input.resize(kLongestInput);
    }
}

void run(const std::string& input) {
    // A copy of exactly the right size, so that a sanitizer sees a read past the end.
    std::vector<std::uint8_t> exact(input.begin(), input.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

} // namespace

int main(int argc, char** argv) {
    std::uint64_t iterations = 20000;
    std::uint64_t seed = 1;
    std::vector<std::string> seeds;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--iterations") == 0 && i + 1 < argc) {
            iterations = std::strtoull(argv[++i], nullptr, 10);
        } else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            seed = std::strtoull(argv[++i], nullptr, 10);
        } else {
            collect(argv[i], seeds);
        }
    }
    for (const char* const* text = benchtop_fuzz_seeds(); *text != nullptr; ++text) {
        seeds.emplace_back(*text);
    }
    seeds.emplace_back();
    for (const std::string& input : seeds) {
        run(input);
    }
    Prng prng(seed);
    for (std::uint64_t n = 0; n < iterations; ++n) {
        std::string input = seeds[prng.below(seeds.size())];
        for (std::size_t changes = 1 + prng.below(6); changes > 0; --changes) {
            mutate_once(input, seeds, prng);
        }
        run(input);
    }
    std::printf(
        "%zu seeds, %llu mutations, seed %llu: no failure\n",
        seeds.size(),
        static_cast<unsigned long long>(iterations),
        static_cast<unsigned long long>(seed)
    );
    return 0;
}
