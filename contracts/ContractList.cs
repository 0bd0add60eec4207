namespace Tutti.Contracts;

/// <summary>Every message that services send each other. Names from the wire are looked up here and nowhere else.</summary>
public static class ContractList
{
    /// <summary>All contracts; a test compares it with the assembly.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        // Catalogue
        typeof(Catalogue.CellDesignPublished),
        typeof(Catalogue.EquipmentKindPublished),
        typeof(Catalogue.InstrumentPublished),
        typeof(Catalogue.InstrumentRetired),
        typeof(Catalogue.SitePublished),
        typeof(Catalogue.SupportLabPublished),
        typeof(Catalogue.TechniquePublished),

        // Identity
        typeof(Identity.PersonRegistered),

        // Proposals
        typeof(Proposals.CallClosed),
        typeof(Proposals.CallClosingDue),
        typeof(Proposals.CallOpened),
        typeof(Proposals.CallTermsChanged),
        typeof(Proposals.JudgeFeasibility),
        typeof(Proposals.ProposalAccepted),
        typeof(Proposals.ProposalClosed),
        typeof(Proposals.ProposalPlacedOnReserve),
        typeof(Proposals.ProposalRejected),
        typeof(Proposals.ProposalRevised),
        typeof(Proposals.ProposalSubmitted),
        typeof(Proposals.ProposalWithdrawn),

        // Review
        typeof(Review.AdviceGiven),
        typeof(Review.AdviceRequested),
        typeof(Review.BoardFeasibilityJudged),
        typeof(Review.DecisionTaken),
        typeof(Review.EvaluationCompleted),
        typeof(Review.ProposalRanked),
        typeof(Review.RankingDecided),
        typeof(Review.RevisionRequested),
        typeof(Review.TechnicalFeasibilityJudged),

        // Scheduling
        typeof(Scheduling.AnswersDue),
        typeof(Scheduling.AnswersOutstanding),
        typeof(Scheduling.BeamLost),
        typeof(Scheduling.BeamReturned),
        typeof(Scheduling.ExperimentFinished),
        typeof(Scheduling.ExperimentRescheduled),
        typeof(Scheduling.ExperimentScheduled),
        typeof(Scheduling.ExperimentStarted),
        typeof(Scheduling.ExperimentUnplaced),
        typeof(Scheduling.OfferAnswered),
        typeof(Scheduling.OfferReminded),
        typeof(Scheduling.OfferWithdrawn),
        typeof(Scheduling.PlanChangeDecided),
        typeof(Scheduling.PlanChangeRequested),
        typeof(Scheduling.PlanPublished),
        typeof(Scheduling.ReleaseCell),
        typeof(Scheduling.ReleaseEquipment),
        typeof(Scheduling.ReserveCell),
        typeof(Scheduling.ReserveEquipment),
        typeof(Scheduling.RunCalendarPublished),
        typeof(Scheduling.ShiftsOffered),

        // CellPool
        typeof(CellPool.CellPublished),
        typeof(CellPool.CellReservationRefused),
        typeof(CellPool.CellReservationReleased),
        typeof(CellPool.CellReserved),
        typeof(CellPool.EquipmentPublished),
        typeof(CellPool.EquipmentReservationRefused),
        typeof(CellPool.EquipmentReservationReleased),
        typeof(CellPool.EquipmentReserved),

        // Reduction
        typeof(Reduction.DataSetRegistered),
        typeof(Reduction.ReductionCompleted),
        typeof(Reduction.ReductionFailed),
    ];
}
