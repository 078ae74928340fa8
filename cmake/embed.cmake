# kafkascope_embed(target symbol file...): compiles files into a target, as an array `symbol` of EmbeddedFile
# (exporter/app/bundled_files.h) that ends with an entry without a name.
function(kafkascope_embed target symbol)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/generated/${symbol}.c)
  set(declarations "")
  set(entries "")
  set(number 0)
  foreach(file IN LISTS ARGN)
    cmake_path(GET file FILENAME name)
    set(label ${symbol}_${number})
    string(APPEND declarations
      "__asm__(\".pushsection .rodata\\n${label}_begin: .incbin \\\"${file}\\\"\\n${label}_end:\\n.popsection\");\n"
      "extern const char ${label}_begin[] __attribute__((visibility(\"hidden\")));\n"
      "extern const char ${label}_end[] __attribute__((visibility(\"hidden\")));\n")
    string(APPEND entries "  {\"${name}\", ${label}_begin, ${label}_end},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
    "struct file { const char *name, *begin, *end; };\n${declarations}const struct file ${symbol}[] = {\n${entries}  {0, 0, 0}};\n")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE ${source})
endfunction()
