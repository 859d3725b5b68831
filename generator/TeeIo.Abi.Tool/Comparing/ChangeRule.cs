namespace TeeIo.Abi.Tool.Comparing;

/// <summary>A kind of change.</summary>
/// <param name="Id">Its stable id.</param>
/// <param name="Class">What it breaks.</param>
/// <param name="Reason">Why, in a line.</param>
/// <param name="Advice">What to do.</param>
internal sealed record ChangeRule(string Id, ChangeClass Class, string Reason, string Advice)
{
    public static readonly ChangeRule NumberChanged = new("N01", ChangeClass.Number, "the number is another", "make it a profile of its own, or take a new number and keep the old one");
    public static readonly ChangeRule NumberReused = new("N02", ChangeClass.Number, "the number means something else now", "take a new number; the old one stays taken");
    public static readonly ChangeRule ValueChanged = new("N03", ChangeClass.Number, "the value is another", "add a new name; values never change");
    public static readonly ChangeRule RegisterMoved = new("N04", ChangeClass.Number, "the operand is in another register or in other bits", "give the call a new version");
    public static readonly ChangeRule FieldMoved = new("L01", ChangeClass.Layout, "the field lies elsewhere", "add fields at the end only");
    public static readonly ChangeRule FieldResized = new("L02", ChangeClass.Layout, "the field has another size", "add a wider field at the end");
    public static readonly ChangeRule RecordResized = new("L03", ChangeClass.Layout, "the record has another size, and callers can't say which they know", "make a new record and call, or one with a size field");
    public static readonly ChangeRule ArgumentReplaced = new("L04", ChangeClass.Layout, "the argument is another record", "give the new record a new call");
    public static readonly ChangeRule CallRemoved = new("M01", ChangeClass.Semantic, "callers are refused", "keep it, and let it fail with a documented error");
    public static readonly ChangeRule FieldRemoved = new("M02", ChangeClass.Semantic, "what callers pass or expect there is ignored", "keep it reserved under its name");
    public static readonly ChangeRule RoleChanged = new("M03", ChangeClass.Semantic, "the field means something else", "use a flag that callers must set");
    public static readonly ChangeRule DirectionChanged = new("M04", ChangeClass.Semantic, "the other side writes the field now, or reads it", "add a field for it");
    public static readonly ChangeRule ReturnChanged = new("M05", ChangeClass.Semantic, "what the call returns means something else", "give it a new number");
    public static readonly ChangeRule MinimumRaised = new("M06", ChangeClass.Semantic, "records that were long enough are refused", "keep the smallest size; treat what is missing as zero");
    public static readonly ChangeRule IgnoredSpaceUsed = new("M07", ChangeClass.Semantic, "nobody checked these bytes, so old callers may hold anything there", "use bytes that were checked to be zero, or a flag");
    public static readonly ChangeRule FramingChanged = new("M08", ChangeClass.Semantic, "every call of the interface is framed in another way", "make it another interface");
    public static readonly ChangeRule StatesChanged = new("M09", ChangeClass.Semantic, "the call works in other states, or leads to others", "give the new behaviour a new call, or a flag that callers must set");
    public static readonly ChangeRule SequenceChanged = new("M10", ChangeClass.Semantic, "the operation makes other calls, in another order or under other conditions", "let the other side take both orders, or make it a profile of its own");
    public static readonly ChangeRule RowChanged = new("M11", ChangeClass.Semantic, "a row of the flow is made by other crossings, at another time or not at all, or a crossing changes other states", "make it another profile; traces of the old one don't conform any more");
    public static readonly ChangeRule Renamed = new("S01", ChangeClass.Source, "same number, other name", "keep the old name as an alias");
    public static readonly ChangeRule TypeChanged = new("S02", ChangeClass.Source, "same bytes, other type", "callers convert at the call");
    public static readonly ChangeRule NameRemoved = new("S03", ChangeClass.Source, "the name is gone", "keep it as an alias, or with a note that it is dead");
    public static readonly ChangeRule Added = new("A01", ChangeClass.Addition, "it is new", "callers must expect that older kernels refuse it");
    public static readonly ChangeRule RecordGrown = new("A02", ChangeClass.Addition, "the record grew at its end, and its size field tells old callers from new ones", "old records are zero there");
    public static readonly ChangeRule ReservedUsed = new("A03", ChangeClass.Addition, "bytes that had to be zero have a meaning", "zero must go on meaning what it did");
    public static readonly ChangeRule ErrorsChanged = new("A04", ChangeClass.Addition, "other errors are listed", "callers handle every error, listed or not");
    public static readonly ChangeRule MinimumLowered = new("A05", ChangeClass.Addition, "shorter records are accepted", "nothing");

    /// <summary>All of them, the worst first.</summary>
    public static IReadOnlyList<ChangeRule> All { get; } =
    [
        NumberChanged, NumberReused, ValueChanged, RegisterMoved, FieldMoved, FieldResized, RecordResized, ArgumentReplaced, CallRemoved, FieldRemoved, RoleChanged, DirectionChanged, ReturnChanged,
        MinimumRaised, IgnoredSpaceUsed, FramingChanged, StatesChanged, SequenceChanged, RowChanged, Renamed, TypeChanged, NameRemoved, Added, RecordGrown, ReservedUsed, ErrorsChanged, MinimumLowered,
    ];

    /// <summary>Whether an old program notices.</summary>
    public bool IsBreaking => Class != ChangeClass.Addition;
}
