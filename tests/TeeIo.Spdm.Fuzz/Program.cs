using TeeIo.Spdm.Fuzz;

if (args is ["seeds", var folder])
{
    Seeds.Write(folder);
    return 0;
}

if (args is not [("responder" or "requester") and { } side, .. var files])
{
    Console.Error.WriteLine("Say 'seeds' and a folder to write inputs to; or 'responder' or 'requester', and files or folders to run once; without them AFL says what to run.");
    return 2;
}

Action<ReadOnlySpan<byte>> target = side == "responder" ? ResponderTarget.Run : RequesterTarget.Run;
if (files.Length > 0)
{
    string[] inputs = [.. files.SelectMany(path => Directory.Exists(path) ? Directory.GetFiles(path) : [path])];
    foreach (string input in inputs) target(File.ReadAllBytes(input));
    Console.WriteLine($"{inputs.Length} inputs, nothing is wrong");
    return 0;
}

SharpFuzz.Fuzzer.Run(stream =>
{
    using MemoryStream copy = new();
    stream.CopyTo(copy);
    target(copy.ToArray());
});
return 0;
