using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Benchmarks;

/// <summary>What an editor asks of a generator while somebody types, on a number of spec files.</summary>
internal static class Edits
{
    /// <summary>A driver that has never run generates everything.</summary>
    public static Sample Fresh(Subject subject, int files, int rounds)
    {
        MemoryText[] texts = subject.Files(files);
        return Sample.Of(rounds, _ => subject.Driver(texts), driver => driver.RunGenerators(Workload.Compilation));
    }

    /// <summary>A file of C# changes.</summary>
    public static Sample CSharp(Subject subject, int files, int rounds)
    {
        GeneratorDriver driver = subject.Driver(subject.Files(files)).RunGenerators(Workload.Compilation);
        CSharpCompilation compilation = Workload.Compilation;
        return Sample.Of(rounds, round => compilation = Workload.Edited(compilation, round + 1), edited => driver = driver.RunGenerators(edited));
    }

    /// <summary>What one spec file says changes.</summary>
    public static Sample Spec(Subject subject, int files, int rounds) => Text(subject, files, rounds, round => subject.File(files / 2, round + 1));

    /// <summary>A comment in one spec file changes.</summary>
    public static Sample Comment(Subject subject, int files, int rounds, Func<int, string> comment)
    {
        MemoryText file = subject.File(files / 2, 0);
        return Text(subject, files, rounds, round => new MemoryText(file.Path, comment(round) + file.GetText()));
    }

    private static Sample Text(Subject subject, int files, int rounds, Func<int, MemoryText> edit)
    {
        MemoryText[] texts = subject.Files(files);
        MemoryText current = texts[files / 2];
        GeneratorDriver driver = subject.Driver(texts).RunGenerators(Workload.Compilation);
        return Sample.Of(rounds, edit, edited =>
        {
            driver = driver.ReplaceAdditionalText(current, edited).RunGenerators(Workload.Compilation);
            current = edited;
        });
    }
}
