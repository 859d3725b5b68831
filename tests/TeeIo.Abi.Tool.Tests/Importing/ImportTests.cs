using System.Text.Json;
using TeeIo.Abi.Tool.Importing;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Tests.Importing;

/// <summary>What <c>import</c> does with small headers.</summary>
public sealed class ImportTests : IDisposable
{
    private const string Header = """
        #include <linux/ioctl.h>
        #define ACME_TYPE 0xAC
        #define ACME_MODE_FAST 1
        #define ACME_MODE_SLOW 2
        #define ACME_LIMIT 0x1000
        #define ACME_NAME "acme"

        enum acme_flags {
            ACME_FLAG_ONE = 1 << 0,
            ACME_FLAG_TWO = 1 << 1,
        };

        struct acme_run {
            __u32 size;
            __u32 flags;
            __u64 address;
        };

        #define ACME_RUN _IO(ACME_TYPE, 0x10)

        """;

    private const string Spec = """
        # A device, for tests.
        abi: acme
        kind: ioctl
        namespace: Acme
        doc: d
        source: s
        status: upstream
        headers: [linux/acme.h]
        sides: { client: user, server: acme }
        call-prefix: ACME_
        framing: { type: 0xAC }
        objects: { file: { class: Acme, doc: d } }

        enums:
          mode:
            prefix: ACME_MODE_
            doc: d
            values:
              FAST:   { value: 1, doc: "quick,  and loud" }   # keep me
              SLOW:   { value: 2, doc: d }

          flags:
            c: acme_flags
            flags: true
            prefix: ACME_FLAG_
            doc: d
            values: { ONE: { value: 1<<0, doc: d }, TWO: { value: 1<<1, doc: d } }

        constants:
          ACME_LIMIT: { value: 0x1000, doc: d }

        structs:
          acme_run:
            doc: d
            size: 16
            extensible: { size-field: size, min: 16 }
            fields:
              - { name: size,    at: 0, type: u32,   is: size }
              - { name: flags,   at: 4, type: flags, doc: d }
              - { name: address, at: 8, type: u64,   doc: d }

        calls:
          ACME_RUN: { nr: 0x10, request: 0xAC10, arg: acme_run, doc: d }

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ClangFact]
    public void A_header_that_says_the_same_changes_nothing()
    {
        (string text, string verdict) = Import(Header, Spec);
        Assert.Equal(Spec, text);
        Assert.Contains("0 added, 0 changed, 0 left to do by hand, 0 not in the header", verdict, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string> Changes => new()
    {
        { "ACME_MODE_SLOW 2", "ACME_MODE_SLOW 3", "SLOW:   { value: 2,", "SLOW:   { value: 3," },
        { "ACME_FLAG_TWO = 1 << 1", "ACME_FLAG_TWO = 1 << 5", "TWO: { value: 1<<1", "TWO: { value: 1<<5" },
        { "ACME_LIMIT 0x1000", "ACME_LIMIT 0x2000", "value: 0x1000", "value: 0x2000" },
        { "_IO(ACME_TYPE, 0x10)", "_IO(ACME_TYPE, 0x11)", "nr: 0x10, request: 0xAC10", "nr: 0x11, request: 0xAC11" },
        { "__u64 address;", "__u32 address;", "size: 16\n    extensible: { size-field: size, min: 16 }|at: 8, type: u64, ", "size: 12\n    extensible: { size-field: size, min: 12 }|at: 8, type: u32, " },
        { "#define ACME_MODE_SLOW 2", "#define ACME_MODE_SLOW 2\n#define ACME_MODE_ODD 7", "# keep me\n      SLOW:   { value: 2, doc: d }\n", "# keep me\n      SLOW:   { value: 2, doc: d }\n      ODD:    { value: 7, doc: TODO }\n" },
        { "#define ACME_MODE_FAST 1", "#define ACME_MODE_FAST 1\n#define ACME_MODE_SAME 1", "# keep me\n", "# keep me\n      SAME:   { value: 1, alias: FAST, doc: TODO }\n" },
        { "ACME_FLAG_TWO = 1 << 1,", "ACME_FLAG_TWO = 1 << 1, ACME_FLAG_TEN = 1 << 10,", "TWO: { value: 1<<1, doc: d } }", "TWO: { value: 1<<1, doc: d }, TEN: { value: 1<<10, doc: TODO } }" },
        { "#define ACME_LIMIT 0x1000", "#define ACME_LIMIT 0x1000\n#define ACME_FLOOR 0x100", "ACME_LIMIT: { value: 0x1000, doc: d }\n", "ACME_LIMIT: { value: 0x1000, doc: d }\n  ACME_FLOOR: { value: 0x100, doc: TODO }\n" },
        { "__u64 address;", "__u64 address;\n __u16 more; __u16 __reserved[3];", "size: 16\n|      - { name: address, at: 8, type: u64,   doc: d }\n", "size: 24\n|      - { name: address, at: 8, type: u64,   doc: d }\n      - { name: more,    at: 16, type: u16,  doc: TODO }\n      - { name: __reserved, at: 18, type: u16, count: 3, is: zero }\n" },
        { "__u64 address;", "__u64 place;", "name: address,", "name: place," },
    };

    [ClangTheory]
    [MemberData(nameof(Changes))]
    public void What_the_header_changes_changes_and_nothing_else(string oldHeader, string newHeader, string oldSpec, string newSpec)
    {
        string expected = Spec;
        foreach ((string before, string after) in oldSpec.Split('|').Zip(newSpec.Split('|')))
        {
            Assert.Contains(before, expected, StringComparison.Ordinal);
            expected = expected.Replace(before, after, StringComparison.Ordinal);
        }

        Assert.Contains(oldHeader, Header, StringComparison.Ordinal);
        string header = Header.Replace(oldHeader, newHeader, StringComparison.Ordinal);
        Assert.Equal(expected, Import(header, Spec).Text);
        Assert.Equal(expected, Import(header, expected).Text);
    }

    [ClangFact]
    public void New_calls_records_and_enumerations_come_with_docs_to_write()
    {
        const string More = """
            /* struct acme_stop_args - ioctl(ACME_STOP) */
            enum acme_reason { ACME_REASON_NONE, ACME_REASON_HEAT, ACME_REASON_AGAIN = 1 };
            struct acme_inner { __u8 a[2]; };
            /**
             * struct acme_stop_args - ioctl(ACME_STOP)
             */
            struct acme_stop_args {
                __u32 size;
                enum acme_reason reason;
                struct acme_inner inner[2];
                union { __u32 in_code; __u32 out_code; };
                struct { __s16 low; __u16 pad; } pair;
                __u64 data[];
            };
            #define ACME_STOP _IO(ACME_TYPE, 0x12)

            """;
        string text = Import(Header + More, Spec, since: "2.0").Text;
        Assert.Contains("""
              reason:
                c: acme_reason
                prefix: ACME_REASON_
                doc: TODO
                since: "2.0"
                values:
                  NONE:  { value: 0, doc: TODO }
                  HEAT:  { value: 1, doc: TODO }
                  AGAIN: { value: 1, alias: HEAT, doc: TODO }

            """, text, StringComparison.Ordinal);
        Assert.Contains("""
              acme_inner:
                doc: TODO
                since: "2.0"
                size: 2
                fields:
                  - { name: a, at: 0, type: u8, count: 2, doc: TODO }

              acme_stop_args:
                doc: TODO
                since: "2.0"
                size: 24
                extensible: { size-field: size, min: 24 }
                fields:
                  - { name: size,     at: 0,  type: u32,        is: size }
                  - { name: reason,   at: 4,  type: u32,        doc: TODO }
                  - { name: inner,    at: 8,  type: acme_inner, count: 2, doc: TODO }
                  - { name: in_code,  at: 12, type: u32,        doc: TODO }
                  - { name: out_code, at: 12, type: u32,        dir: out, doc: TODO }
                  - { name: pair_low, at: 16, type: s16,        c: pair.low, doc: TODO }
                  - { name: pair_pad, at: 18, type: u16,        c: pair.pad, doc: TODO }
                  - { name: data,     at: 24, type: u64,        count: flexible, doc: TODO }

            """, text, StringComparison.Ordinal);
        Assert.EndsWith("""
              ACME_STOP:
                nr: 0x12
                request: 0xAC12
                arg: acme_stop_args
                one-sided: true
                since: "2.0"
                doc: TODO

            """, text, StringComparison.Ordinal);
        Assert.Equal(text, Import(Header + More, text, since: "3.0").Text);
    }

    [ClangFact]
    public void A_spec_with_windows_line_ends_keeps_them()
    {
        string spec = Spec.Replace("\n", "\r\n", StringComparison.Ordinal);
        string text = Import(Header + "#define ACME_MODE_ODD 7\n", spec).Text;
        Assert.Contains("ODD:    { value: 7, doc: TODO }\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [ClangFact]
    public void What_is_gone_from_the_header_stays_and_is_told()
    {
        (string text, string verdict) = Import(Header.Replace("#define ACME_MODE_SLOW 2\n", "", StringComparison.Ordinal), Spec);
        Assert.Equal(Spec, text);
        Assert.Contains("not in the header   ACME_MODE_SLOW", verdict, StringComparison.Ordinal);
    }

    [ClangFact]
    public void What_the_older_header_has_is_not_new()
    {
        const string Left = "#define ACME_MODE_LEFT_OUT 8\nstruct acme_left { __u32 a; };\n#define ACME_LEFT _IO(ACME_TYPE, 0x20)\n";
        string text = Import(Header + Left + "#define ACME_MODE_ODD 9\n", Spec, beyond: Header + Left).Text;
        Assert.Contains("ODD:    { value: 9, doc: TODO }", text, StringComparison.Ordinal);
        Assert.DoesNotContain("LEFT", text, StringComparison.OrdinalIgnoreCase);
    }

    [ClangFact]
    public void A_dry_run_tells_and_writes_nothing()
    {
        (string text, string verdict) = Import(Header + "#define ACME_MODE_ODD 7\n", Spec, isDry: true);
        Assert.Equal(Spec, text);
        Assert.Contains("1 added", verdict, StringComparison.Ordinal);
        Assert.Contains("nothing was written", verdict, StringComparison.Ordinal);
    }

    [ClangFact]
    public void Bit_fields_come_with_the_bits_that_the_compiler_gives_them()
    {
        const string More = """
            struct acme_bits {
                __u8 mode : 3; __u8 on : 1; __u8 : 2; __u8 reserved : 2;
                __u16 low : 9;
                __u16 high : 9;
                struct { __u32 first : 30; __u32 second : 2; } pair;
            };

            """;
        (string text, string verdict) = Import(Header + More, Spec);
        Assert.Contains("0 left to do by hand", verdict, StringComparison.Ordinal);
        Assert.Contains("""
              acme_bits:
                doc: TODO
                size: 12
                fields:
                  - { name: mode,        at: 0, type: u8,  bits: "2:0", doc: TODO }
                  - { name: on,          at: 0, type: u8,  bits: "3", doc: TODO }
                  - { name: reserved,    at: 0, type: u8,  bits: "7:6", is: zero }
                  - { name: low,         at: 2, type: u16, bits: "8:0", doc: TODO }
                  - { name: high,        at: 4, type: u16, bits: "8:0", doc: TODO }
                  - { name: pair_first,  at: 8, type: u32, c: pair.first, bits: "29:0", doc: TODO }
                  - { name: pair_second, at: 8, type: u32, c: pair.second, bits: "31:30", doc: TODO }

            """, text, StringComparison.Ordinal);
        Assert.Equal(text, Import(Header + More, text).Text);

        // A field that is new in its scalar, and one that has other bits now.
        (string grown, _) = Import(Header + More.Replace("__u8 : 2;", "__u8 more : 2;", StringComparison.Ordinal), text);
        Assert.Equal(text.Replace("bits: \"3\", doc: TODO }\n", "bits: \"3\", doc: TODO }\n      - { name: more,        at: 0, type: u8,  bits: \"5:4\", doc: TODO }\n", StringComparison.Ordinal), grown);
        (string same, verdict) = Import(Header + More.Replace("first : 30", "first : 28", StringComparison.Ordinal), text, code: ExitCode.Found);
        Assert.Equal(text, same);
        Assert.Contains("width of struct acme_bits.pair.first", verdict, StringComparison.Ordinal);
    }

    /// <summary>What a header says and no tool can write: the declaration, its line behind the header's own, and what is told.</summary>
    public static TheoryData<string, int, string, string> ByHand => new()
    {
        { "#define ACME_GO _IO(ACME_TYPE, 0x13)", 1, "ACME_GO", "neither its number nor a comment tells what it takes" },
        { "#define ACME_OTHER _IO(0xAD, 0x13)", 1, "ACME_OTHER", "of another type of ioctl" },
        { "struct acme_packed {\n  __u32 a : 28;\n  __u32 b : 12;\n} __attribute__((packed));", 3, "struct acme_packed.b", "its bits 39 to 28, counted from byte 0, lie in no one 'unsigned int'" },
        { "union acme_word { __u32 a; __u8 b[4]; };", 1, "union acme_word", "the language has no unions of their own" },
        { "union acme_word { __u32 a; __u8 b[4]; };\nstruct acme_args {\n  __u32 tag;\n  union acme_word word;\n};", 4, "struct acme_args.word", "no type for 'union acme_word'; write its 4 bytes at 4" },
        { "struct acme_late {\n  __u64 a;\n  __u64 b;\n  long double p;\n};", 4, "struct acme_late.p", "no type for 'long double'; write its 16 bytes at 16" },
    };

    [ClangTheory]
    [MemberData(nameof(ByHand))]
    public void What_no_header_tells_is_left_to_do_by_hand_with_its_line(string more, int line, string item, string told)
    {
        string verdict = Import(Header + more + "\n", Spec, code: ExitCode.Found, format: OutputFormat.Json).Verdict;
        JsonElement finding = Assert.Single(JsonDocument.Parse(verdict).RootElement.GetProperty("findings").EnumerateArray(), f => f.GetProperty("what").GetString() == "by hand" && f.GetProperty("item").GetString() == item);
        Assert.Equal($"linux/acme.h:{Header.Count(c => c == '\n') + line}", finding.GetProperty("where").GetString());
        Assert.Contains(told, finding.GetProperty("how").GetString(), StringComparison.Ordinal);
    }

    // KVM's numbers tell the record, and where they tell none there may be a plain number.
    [ClangFact]
    public void A_call_whose_number_tells_of_no_record_may_take_a_number_and_a_plain_type_is_named()
    {
        string spec = Spec.Replace("framing: { type: 0xAC }", "framing: { type: 0xAC, encodes-size: true }", StringComparison.Ordinal)
            .Replace("nr: 0x10, request: 0xAC10,", "nr: 0x10, request: 0xC010AC10, access: rw,", StringComparison.Ordinal);
        string header = Header.Replace("_IO(ACME_TYPE, 0x10)", "_IOWR(ACME_TYPE, 0x10, struct acme_run)", StringComparison.Ordinal);
        header += "#define ACME_NAP _IO(ACME_TYPE, 0x13)\n#define ACME_SET _IOW(ACME_TYPE, 0x14, unsigned long)\n";
        (string text, string verdict) = Import(header, spec, code: ExitCode.Found);
        Assert.Contains("say so in 'in:'", verdict, StringComparison.Ordinal);
        Assert.Contains("it takes 'unsigned long'", verdict, StringComparison.Ordinal);
        Assert.Contains("    access: none\n    one-sided: true\n", text, StringComparison.Ordinal);
        Assert.Contains("    access: w\n    size: 8\n    one-sided: true\n", text, StringComparison.Ordinal);
        Assert.Contains(" 0 left to do by hand", Import(header, text).Verdict, StringComparison.Ordinal);
    }

    [ClangFact]
    public void An_import_that_would_make_the_spec_wrong_writes_nothing()
    {
        // How wide an enumeration is nobody but its author can say, so the field stays and what follows doesn't fit.
        ToolException e = Assert.Throws<ToolException>(() => Import(Header.Replace("__u32 flags;", "__u64 flags;", StringComparison.Ordinal), Spec));
        Assert.Contains("nothing was written", e.Message, StringComparison.Ordinal);
        Assert.Equal(Spec, File.ReadAllText(Path.Combine(_folder.Path, "abi-spec/acme.abi.yaml")));
    }

    [ClangFact]
    public void A_header_that_does_not_compile_is_refused_with_its_line()
    {
        ToolException e = Assert.Throws<ToolException>(() => Import(Header + "nonsense here;\n", Spec));
        Assert.Contains($"/linux/acme.h:{Header.Count(c => c == '\n') + 1}:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_the_spec_does_not_name_is_refused() => AssertRefused(
        "", Spec.Replace("headers: [linux/acme.h]", "headers: [linux/other.h]", StringComparison.Ordinal), "is no header of the spec 'acme', which knows linux/other.h");

    [Fact]
    public void A_clang_that_is_not_there_is_named() => AssertRefused(Header, Spec, "no-such-clang", clang: "no-such-clang");

    [Fact]
    public void A_spec_that_is_not_there_is_named() => AssertRefused(Header, Spec, "begin it with its head", name: "linux/nothing");

    private void AssertRefused(string header, string spec, string refusal, string? clang = null, string name = "acme")
    {
        Write("abi-spec/acme.abi.yaml", spec);
        SpecFolder folder = SpecFolder.LoadRight(new DirectoryInfo(Path.Combine(_folder.Path, "abi-spec")));
        ToolException e = Assert.Throws<ToolException>(() => ImportCommand.Run(folder, Write("new/linux/acme.h", header), name, null, null, false, clang, "cc", OutputFormat.Text, TextWriter.Null));
        Assert.Contains(refusal, e.Message, StringComparison.Ordinal);
    }

    private (string Text, string Verdict) Import(string header, string spec, string? since = null, string? beyond = null, bool isDry = false, int code = ExitCode.Ok, OutputFormat format = OutputFormat.Text)
    {
        string path = Write("abi-spec/acme.abi.yaml", spec);
        using StringWriter output = new();
        Assert.Equal(code, ImportCommand.Run(
            SpecFolder.LoadRight(new DirectoryInfo(Path.Combine(_folder.Path, "abi-spec"))), Write("new/linux/acme.h", header), "acme", since, beyond is null ? null : Write("old/linux/acme.h", beyond), isDry, null,
            "cc", format, output));
        return (File.ReadAllText(path), output.ToString());
    }

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder.Path, name))!);
        return _folder.Write(name, text);
    }
}
