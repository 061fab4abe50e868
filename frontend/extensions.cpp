// The table of extensions.
#include "frontend/extensions.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "support/hash.h"

namespace cantil::frontend {
namespace {

using Digest = std::function<std::string()>;

struct Extensions {
  std::mutex mutex;
  std::map<std::string, std::vector<Digest>, std::less<>> digests;  // by key
  ExtensionResolver resolver;
  std::atomic<bool> any = false;
};

Extensions& extensions() {
  static auto* e = new Extensions;
  return *e;
}

// The keys whose digests are being made on this thread, outermost first: an extension may use itself.
thread_local std::vector<std::string> under_way;

struct UnderWay {
  explicit UnderWay(const std::string& key) { under_way.push_back(key); }
  ~UnderWay() { under_way.pop_back(); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
};

bool add_digests(Hasher& h, const std::string& key, const std::vector<Digest>& digests) {
  h.str(key).u64(digests.size());
  if (std::find(under_way.begin(), under_way.end(), key) != under_way.end()) return true;
  UnderWay here(key);
  for (const Digest& digest : digests) {
    const std::string d = digest();
    if (d.empty()) return false;
    h.str(d);
  }
  return true;
}

}  // namespace

void set_extension_resolver(ExtensionResolver resolver) {
  std::lock_guard lock(extensions().mutex);
  extensions().resolver = std::move(resolver);
}

std::vector<Implementation> implementations(const ExtensionCall& call, const Span& span) {
  ExtensionResolver resolver;
  {
    std::lock_guard lock(extensions().mutex);
    resolver = extensions().resolver;
  }
  return resolver ? resolver(call, span) : std::vector<Implementation>();
}

void add_extension(const std::string& key, std::function<std::string()> digest) {
  Extensions& e = extensions();
  std::lock_guard lock(e.mutex);
  e.digests[key].push_back(std::move(digest));
  e.any = true;
}

bool is_extended(std::string_view key) {
  Extensions& e = extensions();
  if (!e.any) return false;
  std::lock_guard lock(e.mutex);
  return e.digests.find(key) != e.digests.end();
}

bool hash_extension(Hasher& h, const std::string& key) {
  std::vector<Digest> digests;  // they are called without the lock: they take the GIL
  {
    std::lock_guard lock(extensions().mutex);
    auto found = extensions().digests.find(key);
    if (found != extensions().digests.end()) digests = found->second;
  }
  return add_digests(h, key, digests);
}

bool hash_open_extensions(Hasher& h) {
  Extensions& e = extensions();
  // An extension's own functions need not name them: whoever asked for its digest has.
  if (!e.any || !under_way.empty()) return true;
  std::map<std::string, std::vector<Digest>, std::less<>> all;
  {
    std::lock_guard lock(e.mutex);
    all = e.digests;
  }
  for (const auto& [key, digests] : all)
    if (key.rfind("extension.", 0) != 0 && !add_digests(h, key, digests)) return false;
  return true;
}

}  // namespace cantil::frontend
