using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace TeeIo.Generator.Drivers;

/// <summary>Warns of calls that wait where somebody then waits for ever: under an ordered lock, inside a <c>lock</c> statement, and of threads' own waits in a driver.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingCallAnalyzer : DiagnosticAnalyzer
{
    private const string HoldName = "TeeIo.Scheduling.LockHold";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(DriverRules.BlockingCall);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(HoldName) is not { } hold || start.Compilation.GetTypeByMetadataName(DriverOps.AttributeName) is not { } attribute) return;
            BlockingCalls calls = new(start.Compilation);
            start.RegisterOperationAction(o => Check(o, ((IInvocationOperation)o.Operation).TargetMethod, calls, hold, attribute), OperationKind.Invocation);
            start.RegisterOperationAction(o => Check(o, ((IPropertyReferenceOperation)o.Operation).Property, calls, hold, attribute), OperationKind.PropertyReference);
        });
    }

    private static void Check(OperationAnalysisContext context, ISymbol member, BlockingCalls calls, INamedTypeSymbol hold, INamedTypeSymbol attribute)
    {
        bool blocks = calls.BlocksThread(member);
        bool waits = blocks || calls.WaitsForTasks(member);
        if (!waits && !calls.MaySwitch(member)) return;
        string? why = HeldLock.Around(context.Operation, hold) switch
        {
            { IsOrdered: false } held => $"inside 'lock ({held.Text})'; a task that then enters it stops them all, so do it before or after",
            { } held when waits => $"while '{held.Text}' is held; whoever needs it waits as well, so wait before it is taken or after it is released",
            null when blocks && IsInDriver(context.ContainingSymbol, attribute) => "in a driver, whose ops run in the scheduler's turn, and so stops every task; wait by the scheduler",
            _ => null,
        };
        if (why is null) return;
        string what = waits ? "waits" : "lets other tasks run";
        context.ReportDiagnostic(Diagnostic.Create(DriverRules.BlockingCall, context.Operation.Syntax.GetLocation(), $"{member.ContainingType.Name}.{member.Name}", what, why));
    }

    private static bool IsInDriver(ISymbol member, INamedTypeSymbol attribute) =>
        member.ContainingType?.GetAttributes().Any(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attribute)) == true;
}
