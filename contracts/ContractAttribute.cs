namespace Tutti.Contracts;

/// <summary>
/// Pins what a message is called outside this code: in the outbox, on the broker, in an operator's list. Set at birth, never
/// changed. <see cref="Key"/> is the member that names the aggregate: messages of one aggregate keep their order.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ContractAttribute(string name, string key) : Attribute
{
    /// <summary>Name on the wire, for example <c>proposals.proposal-submitted</c>.</summary>
    public string Name => name;

    /// <summary>Name of the member that identifies the aggregate.</summary>
    public string Key => key;
}
