using TeeIo.Abi.Model;

namespace TeeIo.Abi;

/// <summary>Every rule of the spec language. Ids are stable: a rule that goes leaves a gap.</summary>
public static class AbiRules
{
    /// <summary>The text is not YAML.</summary>
    public static AbiRule BadYaml { get; } = new("ABI0001", "Not YAML", "This is not valid YAML: {0}");

    /// <summary>Nested too deeply.</summary>
    public static AbiRule TooDeep { get; } = new("ABI0002", "Nested too deeply", "This is nested more than {0} levels deep; a spec needs about ten");

    /// <summary>Anchor, alias or tag.</summary>
    public static AbiRule NotPlain { get; } = new("ABI0003", "Anchor, alias or tag", "A spec may not use {0}; write the value out");

    /// <summary>Too large.</summary>
    public static AbiRule TooLarge { get; } = new("ABI0004", "Too large", "The file has more than {0} bytes; split it into several interfaces");

    /// <summary>Unknown key.</summary>
    public static AbiRule UnknownKey { get; } = new("ABI0005", "Unknown key", "{0} has no key '{1}'; {2}");

    /// <summary>Missing key.</summary>
    public static AbiRule MissingKey { get; } = new("ABI0006", "Missing key", "{0} needs '{1}:'; {2}");

    /// <summary>Wrong value.</summary>
    public static AbiRule WrongValue { get; } = new("ABI0007", "Wrong value", "'{0}' is not {1}");

    /// <summary>Missing doc.</summary>
    public static AbiRule MissingDoc { get; } = new("ABI0008", "Missing doc", "{0} needs a 'doc:' that says what it is or does");

    /// <summary>Duplicate name.</summary>
    public static AbiRule DuplicateName { get; } = new("ABI0009", "Duplicate name", "{0} '{1}' is already there{2}; rename or remove one");

    /// <summary>Duplicate number.</summary>
    public static AbiRule DuplicateNumber { get; } = new("ABI0010", "Duplicate number", "{0} has the number {1}, and so has {2}; correct one of them");

    /// <summary>Name that C# cannot take.</summary>
    public static AbiRule ReservedName { get; } = new("ABI0011", "Reserved C# name", "'{0}' becomes '{1}' in C#, which {2}; rename it");

    /// <summary>Unknown type.</summary>
    public static AbiRule UnknownType { get; } = new("ABI0012", "Unknown type", "There is no type '{0}' here or in a spec under 'uses:'{1}");

    /// <summary>Overlapping fields.</summary>
    public static AbiRule OverlappingFields { get; } = new(
        "ABI0013", "Overlapping fields", "'{0}' overlaps '{1}'; move it, or for a union start it exactly where an earlier field starts");

    /// <summary>Misstated offset.</summary>
    public static AbiRule MisstatedOffset { get; } = new(
        "ABI0014", "Misstated offset", "'{0}' is stated at {1}, but the fields before it put it at {2}; correct 'at:' or the fields before it");

    /// <summary>Misstated size.</summary>
    public static AbiRule MisstatedSize { get; } = new(
        "ABI0015", "Misstated size", "'{0}' is stated to have {1} bytes, but its fields make {2}; correct 'size:' or the fields");

    /// <summary>Undeclared padding.</summary>
    public static AbiRule UndeclaredPadding { get; } = new(
        "ABI0016", "Undeclared padding", "'at: {1}' leaves {2} bytes before '{0}' that nothing declares; declare them as a field with 'is: zero' or 'is: ignored'");

    /// <summary>Record inside itself.</summary>
    public static AbiRule CyclicRecord { get; } = new("ABI0017", "Record inside itself", "'{0}' contains itself through the field '{1}'; point to it instead");

    /// <summary>Length link to nowhere.</summary>
    public static AbiRule BrokenLength { get; } = new("ABI0018", "Broken length link", "'{0}' takes its length from '{1}', {2}");

    /// <summary>Flexible array that is not last.</summary>
    public static AbiRule FlexibleNotLast { get; } = new("ABI0019", "Flexible array not last", "The flexible array '{0}' must be the last field");

    /// <summary>Minimum size that ends in the middle of something.</summary>
    public static AbiRule WrongMinSize { get; } = new(
        "ABI0020", "Wrong minimum size", "The minimum size {0} of '{1}' is not the end of one of its fields; the nearest are {2}");

    /// <summary>Unknown spec.</summary>
    public static AbiRule UnknownSpec { get; } = new("ABI0021", "Unknown spec", "There is no spec '{0}' among the loaded files; {1}");

    /// <summary>Reference to something that is not there.</summary>
    public static AbiRule UnknownReference { get; } = new("ABI0022", "Unknown reference", "There is no {0} '{1}' {2}");

    /// <summary>Rows that wait for each other.</summary>
    public static AbiRule CyclicOrder { get; } = new("ABI0023", "Rows wait for each other", "Row {0} comes after row {1}, which comes after row {0} in turn; drop one 'after:'");

    /// <summary>Numbers that clash inside a profile.</summary>
    public static AbiRule ProfileClash { get; } = new(
        "ABI0024", "Number clash in a profile", "In profile '{0}', {1} has the number {2} of {3} in '{4}'; correct it, or end the base before it under 'base:'");

    /// <summary>Number that does not fit.</summary>
    public static AbiRule NumberTooBig { get; } = new("ABI0025", "Number does not fit", "{0} does not fit into {1}");

    /// <summary>Condition that nothing can meet.</summary>
    public static AbiRule UnknownCondition { get; } = new("ABI0026", "Condition on nothing", "The condition '{0}' cannot hold: {1}");

    /// <summary>Misstated request number.</summary>
    public static AbiRule MisstatedRequest { get; } = new(
        "ABI0027", "Misstated request number", "'{0}' is stated to have the request number 0x{1:X8}, but type, number, access and size make 0x{2:X8}; correct one of them");

    /// <summary>Error that nobody can return.</summary>
    public static AbiRule UnknownError { get; } = new("ABI0028", "Unknown error", "There is no error '{0}' in '{1}', from which the errors here come; {2}");

    /// <summary>Generations side by side.</summary>
    public static AbiRule MixedGenerations { get; } = new(
        "ABI0029", "Generations mixed", "{0} is of generation '{1}', but {2} is of generation '{3}', which gives numbers other meanings; keep them apart, or let a profile say 'mixes: [{3}, {1}]'");

    /// <summary>Argument that does not fit what the call does.</summary>
    public static AbiRule MismatchedArgument { get; } = new("ABI0030", "Argument without a way", "{0} {1}");

    /// <summary>All rules, by id.</summary>
    public static EquatableArray<AbiRule> All { get; } = new(new[]
    {
        BadYaml, TooDeep, NotPlain, TooLarge, UnknownKey, MissingKey, WrongValue, MissingDoc, DuplicateName, DuplicateNumber, ReservedName, UnknownType,
        OverlappingFields, MisstatedOffset, MisstatedSize, UndeclaredPadding, CyclicRecord, BrokenLength, FlexibleNotLast, WrongMinSize, UnknownSpec,
        UnknownReference, CyclicOrder, ProfileClash, NumberTooBig, UnknownCondition, MisstatedRequest, UnknownError, MixedGenerations,
        MismatchedArgument,
    });
}
