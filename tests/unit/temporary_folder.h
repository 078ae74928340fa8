#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace kafkascope {

/// A folder that is removed with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() = default;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Writes or replaces a file at once and returns its path. Creates folders on the way.
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / ".new") << text;
    std::filesystem::rename(path_ / ".new", path_ / name);
    return path_ / name;
  }
  std::filesystem::path path() const { return path_; }

 private:
  static std::filesystem::path make() {
    std::string path = std::filesystem::temp_directory_path() / "kafkascope-XXXXXX";
    if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp");
    return path;
  }
  const std::filesystem::path path_ = make();
};

}  // namespace kafkascope
