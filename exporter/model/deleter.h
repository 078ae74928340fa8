#pragma once

namespace kafkascope::model {

/// Releases an object of a C library by its function: std::unique_ptr<BIO, Deleter<BIO_free>>.
template <auto Release>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Release(object);
  }
};

}  // namespace kafkascope::model
