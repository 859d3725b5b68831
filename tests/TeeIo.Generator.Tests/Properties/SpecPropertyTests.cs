using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CsCheck;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Generator.Tests.Drivers;

namespace TeeIo.Generator.Tests.Properties;

/// <summary>What holds for any spec. A failure prints the seed; give it to <c>CsCheck_Seed</c> to see that case again.</summary>
public class SpecPropertyTests
{
    private const int Together = 12;
    private static readonly int s_rounds = int.TryParse(Environment.GetEnvironmentVariable("TEEIO_SPECS"), NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) ? rounds : 2;
    private static readonly string[] s_types = [".Ids.g.cs", ".Enums.g.cs", ".Records.g.cs"];

    // Specs are tried a dozen at a time: to compile one takes as long as to compile twelve.
    private static Gen<RandomSpec[]> Specs { get; } = RandomSpec.Any.Array[Together].Select(all => all.DistinctBy(s => s.Name).ToArray());

    [Fact]
    public void Any_spec_compiles_without_a_word() => Specs.Sample(
        specs =>
        {
            GeneratorRunResult result = GeneratorHarness.Run(specs.Select(s => s.File));
            Assert.Empty(result.Diagnostics);
            CSharpCompilation compilation = CSharpCompilation.Create(
                "Random", result.GeneratedSources.Select(s => s.SyntaxTree), [.. DriverFixture.Sdk.References, DriverFixture.Sdk.ToMetadataReference()], DriverFixture.Sdk.Options);
            Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
        },
        iter: s_rounds, threads: 1);

    [Fact]
    public void Any_record_lies_in_memory_as_in_C_and_is_read_as_it_was_written()
    {
        if (CLayout.Missing is { } why) Assert.Skip(why);
        Specs.Sample(
            specs =>
            {
                IReadOnlyDictionary<string, int> layout = CLayout.Of([.. specs.SelectMany(s => s.Records)]);
                AssemblyLoadContext context = new(nameof(SpecPropertyTests), isCollectible: true);
                Assembly assembly = Load(context, GeneratorHarness.Run(specs.Select(s => s.File)));
                var random = new Random(layout.Count);
                foreach (RandomSpec spec in specs)
                {
                    foreach (RandomRecord record in spec.Records)
                        RoundTrip(assembly.GetType($"Properties.{RandomSpec.CSharpName(spec.Name)}.{RandomSpec.CSharpName(record.Name)}", throwOnError: true)!, record, layout, random);
                }

                context.Unload();
            },
            iter: s_rounds, threads: 1);
    }

    [Fact]
    public void A_spec_that_somebody_spoilt_gives_diagnostics_or_code_and_nothing_is_thrown() => Gen.Select(RandomSpec.Any, Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue], Gen.Int[0, 4]).Sample(
        (spec, where, what, how) =>
        {
            string[] lines = spec.Text.Split('\n');
            int line = where % lines.Length;
            string[] words = lines[line].Split(' ');
            int word = what % words.Length;
            switch (how)
            {
                case 0: lines[line] = ""; break;
                case 1: lines[line] += "\n" + lines[line]; break;
                case 2: words[word] = ""; break;
                case 3: words[word] = words[(word + 1) % words.Length]; break;
                default: words[word] += what; break;
            }

            if (how > 1) lines[line] = string.Join(' ', words);
            GeneratorRunResult result = GeneratorHarness.Run(new SpecText("specs/spoilt.abi.yaml", string.Join('\n', lines)));
            Assert.True(result.Diagnostics.Length + result.GeneratedSources.Length > 0);
        },
        iter: s_rounds * 100, threads: 1);

    private static Assembly Load(AssemblyLoadContext context, GeneratorRunResult result)
    {
        IEnumerable<SyntaxTree> types = result.GeneratedSources.Where(s => s_types.Any(t => s.HintName.EndsWith(t, StringComparison.Ordinal))).Select(s => s.SyntaxTree);
        IEnumerable<SyntaxTree> runtime = Repository.SdkSources("Flow").Where(f => f.EndsWith("ValueNames.cs", StringComparison.Ordinal)).Select(GeneratorHarness.HandWritten);
        using MemoryStream image = new();
        var emitted = GeneratorHarness.Compilation([.. types, .. runtime]).Emit(image);
        Assert.True(emitted.Success, string.Join("\n", emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5)));
        image.Position = 0;
        return context.LoadFromStream(image);
    }

    // Each field alone is filled with bytes; written, they stand where C has the field, and everything else is zero; read again, the field is the same.
    private static void RoundTrip(Type type, RandomRecord record, IReadOnlyDictionary<string, int> layout, Random random)
    {
        int size = layout[record.Name];
        Assert.Equal(size, RuntimeHelpers.SizeOf(type.TypeHandle));
        foreach (RandomField field in record.Fields)
        {
            FieldInfo member = type.GetField(RandomSpec.CSharpName(field.Name))!;
            object value = Activator.CreateInstance(type)!;
            byte[] bytes = new byte[RuntimeHelpers.SizeOf(member.FieldType.TypeHandle)];
            random.NextBytes(bytes);
            member.SetValue(value, Boxed(member.FieldType, bytes));

            byte[] written = (byte[])Generic(nameof(Write), type).Invoke(null, [value])!;
            byte[] expected = new byte[size];
            bytes.CopyTo(expected, layout[$"{record.Name}.{field.Name}"]);
            Assert.Equal(expected, written);
            object read = Generic(nameof(Read), type).Invoke(null, [written])!;
            Assert.Equal(bytes, (byte[])Generic(nameof(Bytes), member.FieldType).Invoke(null, [member.GetValue(read)])!);
        }
    }

    private static MethodInfo Generic(string name, Type type) => typeof(SpecPropertyTests).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);

    private static object Boxed(Type type, byte[] bytes) => Generic(nameof(Value), type).Invoke(null, [bytes])!;

    private static T Value<T>(byte[] bytes)
        where T : unmanaged => MemoryMarshal.Read<T>(bytes);

    private static byte[] Bytes<T>(T value)
        where T : unmanaged
    {
        byte[] bytes = new byte[Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(bytes, in value);
        return bytes;
    }

    private delegate void Writer<T>(ref T self, Span<byte> destination);

    private delegate bool Reader<T>(ReadOnlySpan<byte> source, out T value);

    private static byte[] Write<T>(T value)
        where T : unmanaged
    {
        byte[] bytes = new byte[Unsafe.SizeOf<T>()];
        typeof(T).GetMethod("Write")!.CreateDelegate<Writer<T>>()(ref value, bytes);
        return bytes;
    }

    private static T Read<T>(byte[] bytes)
        where T : unmanaged
    {
        Assert.True(typeof(T).GetMethod("TryRead")!.CreateDelegate<Reader<T>>()(bytes, out T value));
        return value;
    }
}
