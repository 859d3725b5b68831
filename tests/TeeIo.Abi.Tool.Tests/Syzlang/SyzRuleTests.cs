namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Each rule that holds our descriptions to syzkaller's grammar finds what breaks it.</summary>
public class SyzRuleTests
{
    private const string Constants = "# Values.\narches = amd64\nDO = 5\nOTHER = 6\nA = 1\nB = 2\n";

    private const string Right = """
        # A description.

        meta arches["amd64"]

        include <uapi/linux/fcntl.h>
        include <uapi/linux/some.h>

        define OTHER	0x6

        resource fd_some[fd]
        resource some_id[int32]

        openat$some(fd const[AT_FDCWD], file ptr[in, string["/dev/some"]], flags const[O_RDWR], mode const[0]) fd_some
        ioctl$DO(fd fd_some, cmd const[DO], arg ptr[in, some_do])
        ioctl$OTHER(fd fd_some, cmd const[OTHER], arg flags[some_set])

        some_do {
        	size		len[parent, int32]
        	id		some_any
        	out_id		some_id	(out)
        	count		len[data, int32]
        	data		ptr64[out, array[int8]]
        	mode		flags[some_set, int16]
        	reserved	array[const[0, int8], 2]
        	tail		array[int64]
        }

        some_any [
        	id	some_id
        	number	int32
        ]

        some_set = A, B

        """;

    public static TheoryData<string, string, string> Breaks => new()
    {
        { "# A description.", "# define the rest", "looks like a directive" },
        { "# A description.", "# A description. ", "white space at the end" },
        { "resource fd_some[fd]", "resources fd_some[fd]", "no declaration" },
        { "define OTHER\t0x6", "define OTHER 0x6", "no declaration" },
        { "define OTHER\t0x6", "define OTHER\t0x7", "another number in the constants" },
        { "include <uapi/linux/some.h>", "include <uapi/linux/fcntl.h>", "the include uapi/linux/fcntl.h is there twice" },
        { "include <uapi/linux/some.h>\n", "", "comes from no header and no definition" },
        { "include <uapi/linux/fcntl.h>", "include <uapi/linux/more.h>", "no header for the flags of open" },
        { "meta arches[\"amd64\"]", "meta arches[\"arm64\"]", "not the architectures" },
        { "resource some_id[int32]", "resource some_id[int33]", "int33 is no base" },
        { "resource some_id[int32]", "resource some_id[int32]\nresource some_id[int32]", "the type some_id is there twice" },
        { "resource some_id[int32]", "resource some_id[int32]\nresource array[int32]", "array is syzkaller's own name" },
        { "resource some_id[int32]", "resource some_id[int32]\nresource more[int32]", "no call makes more" },
        { "ioctl$OTHER(", "ioctl$DO(", "the call ioctl$DO is there twice" },
        { "ioctl$OTHER(fd fd_some, ", "ioctl$OTHER(cmd fd_some, ", "the argument of ioctl$OTHER cmd is there twice" },
        { "ioctl$OTHER(fd fd_some, ", "ioctl$OTHER(fd_some, ", "is no argument" },
        { "arg ptr[in, some_do]", "arg ptr[in, some_do", "is no type" },
        { "arg ptr[in, some_do]", "arg ptr[at, some_do]", "at is no direction" },
        { "arg ptr[in, some_do]", "arg ptr[some_do]", "ptr has 1 options, not 2" },
        { "arg ptr[in, some_do]", "arg some_do", "some_do is no argument" },
        { "arg ptr[in, some_do]", "arg array[some_do]", "an array is no argument" },
        { "arg ptr[in, some_do]", "arg ptr[in, some_more]", "there is no type some_more" },
        { "arg flags[some_set]", "arg flags[some_set, int32]", "flags has 2 options, not 1" },
        { "arg flags[some_set]", "arg flags[more]", "there is no set more" },
        { "arg flags[some_set]", "arg const[MORE]", "MORE has no value" },
        { "arg flags[some_set]", "arg flags[some_set], a intptr, b intptr, c intptr, d intptr, e intptr, f intptr, g intptr", "has 10 arguments" },
        { "mode const[0]) fd_some", "mode const[0]) int32", "returns no resource" },
        { "mode const[0]) fd_some", "mode const[0])", "no call makes fd_some" },
        { "cmd const[OTHER]", "cmd const[DO]", "nothing names OTHER" },
        { "len[parent, int32]", "len[parent]", "len has 1 options, not 2" },
        { "len[parent, int32]", "len[parent, some_id]", "ends with no number's type" },
        { "len[data, int32]", "len[date, int32]", "there is no date to measure" },
        { "len[data, int32]", "len[count, int32]", "count measures itself" },
        { "len[data, int32]", "len[data, int32]\t(out)", "which the kernel only reads" },
        { "ptr64[out, array[int8]]", "ptr64[out, array[int8]]\t(out)", "data is ptr64, which the kernel only reads" },
        { "flags[some_set, int16]", "flags[some_set, int16]\t(inout)", "which the kernel only reads" },
        { "flags[some_set, int16]", "flags[some_set, int16]\t(sideways)", "no field" },
        { "array[const[0, int8], 2]", "array[const[0, int8], A]", "perhaps a count" },
        { "array[const[0, int8], 2]", "array[int8]", "reserved has no size and isn't the end" },
        { "\tnumber\tint32", "\tnumber\tarray[int8]", "number has no size" },
        { "\tnumber\tint32", "\tnumber\tint32\t(out)", "of a union has a direction" },
        { "\tnumber\tint32", "\tnumber\t\tint32", "don't stand in one column" },
        { "\tnumber\tint32", "\tid\tint32", "the field of some_any id is there twice" },
        { "\tnumber\tint32", "\tsyscall\tint32", "syscall is syzkaller's own name" },
        { "\tnumber\tint32", "\tdefine\tint32", "define is syzkaller's own name" },
        { "\tid\tsome_id\n\tnumber\tint32\n", "", "has no fields" },
        { "\tnumber\tint32\n]", "\tnumber\tint32\n}", "closed by the other kind's sign" },
        { "\tout_id\t\tsome_id\t(out)", "\tout_id\t\tsome_id", "no call makes some_id" },
        { "\tid\t\tsome_any", "\tid\t\tint32", "nothing uses some_any" },
        { "\tid\tsome_id", "\tid\tint32", "no call takes some_id" },
        { "some_set = A, B", "some_set = A, B\nmore_set = A, B", "nothing uses more_set" },
        { "some_set = A, B", "some_set = A, B\nsome_set = A, B", "the set some_set is there twice" },
        { "some_set = A, B", "some_set = A, A", "all values of some_set are equal" },
        { "some_set = A, B\n", "some_set = A, B\n\n", "doesn't end with one end of line" },
        { "some_set = A, B\n", "more {\n", "more isn't closed" },
    };

    [Fact]
    public void The_right_description_has_no_findings() => Assert.Empty(Findings(Right, Constants));

    [Theory]
    [MemberData(nameof(Breaks))]
    public void What_breaks_a_rule_is_found(string right, string wrong, string finding)
    {
        Assert.Contains(right, Right, StringComparison.Ordinal);
        Assert.Contains(Findings(Right.Replace(right, wrong, StringComparison.Ordinal), Constants), f => f.Contains(finding, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("B = 2\n", "B = 2\nB = 2\n", "B is there twice")]
    [InlineData("B = 2\n", "B = two\n", "no constant")]
    [InlineData("B = 2\n", "B = 2\nC = 3\n", "nothing names C")]
    [InlineData("B = 2\n", "", "B has no value")]
    public void Wrong_constants_are_found(string right, string wrong, string finding) =>
        Assert.Contains(Findings(Right, Constants.Replace(right, wrong, StringComparison.Ordinal)), f => f.Contains(finding, StringComparison.Ordinal));

    [Fact]
    public void A_constant_with_another_number_in_another_file_is_found()
    {
        SyzFile[] files = [SyzReader.Read("one", Right, Constants), SyzReader.Read("two", Right, Constants.Replace("B = 2", "B = 3", StringComparison.Ordinal))];
        Assert.Contains("two.const: B is another number in one.const", SyzCheck.Findings(files));
    }

    [Fact]
    public void Layouts_are_C_s()
    {
        SyzWorld world = new([SyzReader.Read("right", Right, Constants)]);
        (int size, IReadOnlyList<(string Name, int Offset)> offsets) = new SyzLayout(world).Fields(world.Structs["some_do"]);
        Assert.Equal([0, 4, 8, 12, 16, 24, 26, 32], offsets.Select(o => o.Offset));
        Assert.Equal(32, size);
        Assert.Equal(28, new SyzLayout(world).Fields(world.Structs["some_do"] with { IsPacked = true }).Size);
    }

    private static IReadOnlyList<string> Findings(string text, string constants)
    {
        try
        {
            return SyzCheck.Findings(SyzReader.Read("some", text, constants));
        }
        catch (FormatException e)
        {
            return [e.Message];
        }
    }
}
